"""A kiosk as a process of its own, so that a test can make it stand still: prints its address, serves until killed."""

from tests.web_kiosk.running import TOKEN, display
from web.kiosk.app import create_kiosk, serve

if __name__ == "__main__":
    server = serve(create_kiosk(display(), TOKEN), 0)
    print(f"http://127.0.0.1:{server.port}/kiosk?token={TOKEN}", flush=True)
    server.run()
