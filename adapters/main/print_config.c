/* SPDX-License-Identifier: MIT */
/*
 * print_config.c - --print-config: whether a configuration can be printed, and for which program.
 */
#include "print_config.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/options.h>

#include "front_config.h"

/* Where this program is: a front server has neither our directory nor our PATH. */
static void find_program(char *path, size_t size, const char *program)
{
	ssize_t len = readlink("/proc/self/exe", path, size - 1);

	if (len > 0)
		path[len] = '\0';
	else
		snprintf(path, size, "/usr/local/bin/%s", program);
}

/* lighttpd takes what it starts apart at each blank. */
static bool can_start(const struct vane__front_config *config, const char *server)
{
	if (strcmp(server, "mod_fcgid") == 0 && config->given_places > 0) {
		vane_log(VANE_LOG_ERROR,
			"mod_fcgid starts the program itself, on a socket of "
			"its own: --listen, --port and --address have no "
			"place there");
		return false;
	}
	if (strcmp(server, "lighttpd") != 0 || config->listening ||
		config->mode == VANE__MODE_HTTP || strchr(config->given, '\'') == NULL)
		return true;
	vane_log(VANE_LOG_ERROR,
		"lighttpd cannot start a program with blanks in its options: say where it "
		"listens (--listen), and start it by other means");
	return false;
}

static bool speaks_scgi(const char *server)
{
	return strcmp(server, "mod_fcgid") != 0 && strcmp(server, "caddy") != 0 &&
	       strcmp(server, "haproxy") != 0;
}

/* What runs in a cluster serves HTTP, if nothing else is said. */
static struct vane__settings settled(
	const struct vane__settings *settings, bool listen_given)
{
	struct vane__settings settled = *settings;

	if (strcmp(settings->print_config, "kubernetes") == 0 && !listen_given &&
		strcmp(settings->mode, "auto") == 0)
		settled.mode = "http";
	return settled;
}

int vane__print_config(FILE *out, const struct vane__settings *given, const char *program,
	const struct vane_route *routes)
{
	bool listen_given = vane_option_given("listen") || vane_option_given("port") ||
			    vane_option_given("address");
	const struct vane__settings own = settled(given, listen_given), *settings = &own;
	struct vane__front_config config;
	const char *name, *value;
	char path[PATH_MAX];

	if (strcmp(settings->mode, "cgi") == 0) {
		vane_log(VANE_LOG_ERROR,
			"a CGI program needs no configuration of its own: put it "
			"where the web server looks for CGI programs");
		return -EINVAL;
	}
	if (strcmp(settings->mode, "scgi") == 0 && !speaks_scgi(settings->print_config)) {
		vane_log(VANE_LOG_ERROR, "%s does not speak SCGI", settings->print_config);
		return -EINVAL;
	}
	find_program(path, sizeof(path), program);
	if (vane__front_config_fill(&config, settings, listen_given, program, path) < 0)
		return -EINVAL;
	for (size_t i = 0; vane_option_value(i, &name, &value); i++)
		if (vane__front_config_give(&config, name, value) < 0)
			return -EINVAL;
	if (!can_start(&config, settings->print_config))
		return -EINVAL;
	vane__front_config_find_files(&config, routes);
	vane__front_config_print(out, &config, settings->print_config);
	return 0;
}
