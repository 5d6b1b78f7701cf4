"""The desk over HTTP and WebSockets: endpoints as declarations, their shapes, the pages."""
