/* SPDX-License-Identifier: MIT */
/*
 * lighttpd.c - lighttpd as a front server.
 *
 * What is set beyond what a site needs: URLs left alone, bodies allowed with GET, room for
 * long fields.
 */
#include "fronts/lighttpd.h"

static const char config[] = "server.modules = (\"mod_fastcgi\", \"mod_scgi\")\n"
			     "server.document-root = \"@DIR@/empty\"\n"
			     "server.bind = \"127.0.0.1\"\n"
			     "server.port = @PORT0@\n"
			     "server.errorlog = \"@DIR@/error.log\"\n"
			     "server.upload-dirs = (\"@DIR@/upload\")\n"
			     "server.max-request-field-size = 65535\n"
			     "server.range-requests = \"disable\"\n"
			     "server.max-request-size = 16384\n"
			     "server.http-parseopts = (\"url-normalize\" => \"disable\", "
			     "\"method-get-body\" => \"enable\")\n"
			     "fastcgi.server = (\"/\" => ((\n"
			     "	\"socket\" => \"@SOCKET@\",\n"
			     "	\"check-local\" => \"disable\",\n"
			     "	\"fix-root-scriptname\" => \"enable\"\n"
			     ")))\n"
			     "$SERVER[\"socket\"] == \"127.0.0.1:@PORT1@\" {\n"
			     "	fastcgi.server = ()\n"
			     "	scgi.server = (\"/\" => ((\n"
			     "	\"socket\" => \"@SCGI@\",\n"
			     "	\"check-local\" => \"disable\",\n"
			     "	\"fix-root-scriptname\" => \"enable\"\n"
			     "	)))\n"
			     "}\n";

static const char *const names[] = { "lighttpd", "/usr/sbin/lighttpd",
	"/usr/local/sbin/lighttpd", NULL };

bool lighttpd_installed(void)
{
	return front_find(names) != NULL;
}

int lighttpd_start(struct front *front)
{
	static const char *const dirs[] = { "empty", "upload", NULL };
	const char *argv[] = { front_find(names), "-D", "-f", "@CONFIG@", NULL };
	const struct front_kind kind = {
		.argv = argv, .config = config, .dirs = dirs, .wants_scgi = true
	};

	return front_start(front, &kind);
}
