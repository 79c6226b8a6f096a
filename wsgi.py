"""What a web server serves: `granian --interface wsgi wsgi:app`."""

from rvc_portal.app import create_app

app = create_app()
