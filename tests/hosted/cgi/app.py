#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# A WSGI application under wsgiref's CGI handler.
from wsgiref.handlers import CGIHandler
from wsgiref.util import request_uri


def application(environ, start_response):
    body = environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
    start_response('207 Several', [('Content-Type', 'text/plain'),
                                   ('Set-Cookie', 'a=1'), ('Set-Cookie', 'b=2')])
    yield ('%s %s\n' % (environ['REQUEST_METHOD'], request_uri(environ))).encode()
    yield ('path %s\n' % environ['PATH_INFO']).encode('latin-1')
    yield ('body %d %s\n' % (len(body), body[:20].decode('latin-1'))).encode()


CGIHandler().run(application)
