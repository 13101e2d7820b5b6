"""bilibili: live rooms by the hundred, and the posts of those whom an account follows."""
