/* SPDX-License-Identifier: MIT */
/*
 * report.c - what a program says of itself: at its start, and for --check.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <vane/app.h>
#include <vane/options.h>

#include "listen.h"
#include "notify.h"
#include "run.h"

/*
 * How loud a warning about the program is: one for CGI starts with each request, and the web
 * server's log is not for warnings then.  Not so with --check.
 */
static enum vane_log_level warning_level(const struct vane__run *run)
{
	return run->choice.mode == VANE__MODE_CGI && !run->settings.check
		       ? VANE_LOG_DEBUG
		       : VANE_LOG_WARNING;
}

void vane__report_zeros(const struct vane__run *run)
{
	vane_options_log_zeros(warning_level(run));
}

/* Routes and what is wrong with them, "/ws (async), /poll (timers)". */
struct listed {
	char text[1024];
	size_t len;
};

static void append(struct listed *list, const char *before, const char *word)
{
	int n = snprintf(list->text + list->len, sizeof(list->text) - list->len, "%s%s",
		before, word);

	list->len += (size_t) n;
	if (list->len >= sizeof(list->text))
		list->len = sizeof(list->text) - 1;
}

static void list_unserved(const char *pattern, unsigned lacking, void *data)
{
	struct listed *list = data;
	const char *before = " (";
	unsigned bit;

	append(list, list->len > 0 ? ", " : "", pattern);
	for (bit = 1; bit != 0; bit <<= 1) {
		if ((lacking & bit) == 0)
			continue;
		append(list, before, vane_cap_name(bit));
		before = ", ";
	}
	append(list, ")", "");
}

int vane__report_unserved(const struct vane__run *run)
{
	struct listed list = { .len = 0 };
	size_t count = vane_app_each_unserved(run->app, run->caps, list_unserved, &list);

	if (count == 0)
		return 0;
	vane_log(run->settings.strict ? VANE_LOG_ERROR : warning_level(run),
		"%s: mode %s: %zu of %zu routes cannot run here: %s", run->name,
		vane__mode_name(run->choice.mode), count, vane_app_route_count(run->app),
		list.text);
	return run->settings.strict ? EX_CONFIG : 0;
}

static void list_unreachable(const char *pattern, const char *before, void *data)
{
	struct listed *list = data;

	append(list, list->len > 0 ? ", " : "", pattern);
	append(list, before != NULL ? " (all of it is taken by " : " (no path has \"",
		before != NULL ? before : ".\" or \"..\" as a segment");
	append(list, ")", "");
}

int vane__report_unreachable(const struct vane__run *run)
{
	struct listed list = { .len = 0 };
	enum vane_log_level level =
		run->settings.strict ? VANE_LOG_ERROR : warning_level(run);
	size_t count;

	if (!vane_log_wanted(level))
		return 0; /* a CGI program starts for each request */
	count = vane_app_each_unreachable(run->app, list_unreachable, &list);
	if (count == 0)
		return 0;
	vane_log(level, "%zu of %zu routes can never be reached: %s", count,
		vane_app_route_count(run->app), list.text);
	return run->settings.strict ? EX_CONFIG : 0;
}

static bool is_everywhere(const char *name)
{
	return strncmp(name, "0.0.0.0:", 8) == 0 || strncmp(name, "[::]:", 5) == 0;
}

void vane__report_sockets(struct vane__run *run)
{
	const size_t size = sizeof(run->where);
	const char *scheme, *end;
	char name[160];
	bool everywhere = false;
	size_t i, len = 0;

	run->where[0] = '\0';
	for (i = 0; i < run->socks.count && len < size; i++) {
		if (vane_socket_name(run->socks.fds[i], name, sizeof(name)) < 0)
			snprintf(name, sizeof(name), "descriptor %d", run->socks.fds[i]);
		scheme = run->choice.mode == VANE__MODE_HTTP &&
					 strncmp(name, "unix:", 5) != 0
				 ? "http://"
				 : "";
		end = scheme[0] != '\0' ? "/" : "";
		everywhere = everywhere || is_everywhere(name);
		len += (size_t) snprintf(
			run->where + len, size - len, " %s%s%s", scheme, name, end);
	}
	if (everywhere && len < size)
		snprintf(run->where + len, size - len, " (all addresses)");
}

void vane__report_start(const struct vane__run *run)
{
	char status[sizeof(run->where) + 80];

	vane_log(VANE_LOG_INFO, "%s: mode %s (%s), listening on%s, %d process%s, vane %s",
		run->name, vane__mode_name(run->choice.mode), run->choice.why, run->where,
		run->processes, run->processes == 1 ? "" : "es", vane_version());
	vane__confine_report(&run->confine);
	snprintf(status, sizeof(status), "%s, listening on%s, %d process%s",
		vane__mode_name(run->choice.mode), run->where, run->processes,
		run->processes == 1 ? "" : "es");
	vane__notify_ready(status);
}

void vane__report_check(const struct vane__run *run)
{
	const struct vane__choice *choice = &run->choice;
	size_t i, routes = vane_app_route_count(run->app);
	char text[300];

	printf("%s: mode %s (%s), %d process%s, %zu route%s\n", run->name,
		vane__mode_name(choice->mode), choice->why, run->processes,
		run->processes == 1 ? "" : "es", routes, routes == 1 ? "" : "s");
	if (choice->source == VANE__SOURCE_STDIN)
		printf("would listen on descriptor 0\n");
	if (choice->source == VANE__SOURCE_SYSTEMD)
		printf("would listen on %d descriptors from systemd\n", choice->fds);
	for (i = 0; choice->source == VANE__SOURCE_BIND &&
		    i < vane__listen_count(&run->settings);
		i++) {
		struct vane__listen listen;

		vane__listen_at(&listen, &run->settings, choice->mode, i);
		vane__listen_text(&listen, text, sizeof(text));
		printf("would listen on %s%s\n", text,
			strncmp(text, "*:", 2) == 0 || is_everywhere(text)
				? " (all addresses)"
				: "");
	}
	if (vane__confine_words(&run->confine) != NULL)
		printf("sandbox: %s\n", vane__confine_words(&run->confine));
}
