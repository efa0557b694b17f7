"""Cameras: what they send is checked whole before it is a picture; OpenCV lives in a child process."""
