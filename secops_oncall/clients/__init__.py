"""PagerDuty, GitLab and Slack, translated from their SDKs into the domain."""
