"""An embedded PagerDuty, GitLab and Slack that speak real HTTP on a loopback socket."""
