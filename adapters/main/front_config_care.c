/* SPDX-License-Identifier: MIT */
/*
 * front_config_care.c - how what looks after a program is told of it: logrotate of its log files, and
 * Kubernetes by a Deployment, with probes and a stop that loses no request, and a Service.
 */
#include "front_config.h"

#include <string.h>

/* For so long after a pod is to end, requests still come: who sends them learns of it later. */
#define PRESTOP_SEC 5

/* Where there is no limit to a stop: a week. */
#define NEVER_SEC (7 * 24 * 3600)

/* The port of the first place, which a container listens at on all addresses. */
static const char *port_of(const struct vane__front_config *s)
{
	return s->listen.kind == VANE__LISTEN_TCP ? s->listen.port : "8888";
}

/*
 * A name that the cluster takes: small letters, digits and "-".  What it does not take is left out.
 */
static void put_label(char *label, size_t size, const char *name)
{
	size_t len = 0;

	for (; *name != '\0' && len + 1 < size; name++) {
		char c = *name;

		if (c >= 'A' && c <= 'Z')
			c = (char) (c - 'A' + 'a');
		else if (c == '_')
			c = '-';
		if (c != '-' || len > 0)
			label[len++] = c;
	}
	while (len > 0 && label[len - 1] == '-')
		len--;
	label[len] = '\0';
}

/* Where it is asked how it is: at paths that nobody else's are, unless they were named. */
static const char *health_of(const struct vane__front_config *s)
{
	return s->settings->health != NULL ? s->settings->health : "/_health";
}

static const char *ready_of(const struct vane__front_config *s)
{
	return s->settings->ready != NULL ? s->settings->ready : "/_ready";
}

/* Options as they are handed on, " --a=b --c='d e'", as items of a list: no shell sees them there. */
static void put_options(FILE *out, const char *options)
{
	bool quoted = false;

	for (; *options != '\0'; options++) {
		if (*options == '\'')
			quoted = !quoted;
		else if (*options == ' ' && !quoted)
			fprintf(out, "        - \"");
		else
			fputc(*options, out);
		if (!quoted && (options[1] == ' ' || options[1] == '\0'))
			fprintf(out, "\"\n");
	}
}

static void put_command(FILE *out, const struct vane__front_config *s)
{
	fprintf(out, "        command: [\"%s\"]\n        args:\n", s->path);
	fprintf(out, "        - \"--mode=%s\"\n        - \"--listen=*:%s\"\n",
		vane__mode_name(s->mode), port_of(s));
	fprintf(out, "        - \"--processes=%d\"\n", s->processes);
	if (vane__front_config_http(s) && s->settings->xheaders)
		fprintf(out, "        - \"--xheaders\"\n");
	if (vane__front_config_http(s) && s->settings->health == NULL)
		fprintf(out, "        - \"--health=%s\"\n", health_of(s));
	if (vane__front_config_http(s) && s->settings->ready == NULL)
		fprintf(out, "        - \"--ready=%s\"\n", ready_of(s));
	put_options(out, s->options);
	put_options(out, s->given);
}

/* In HTTP what --health and --ready answer, else whether it accepts connections. */
static void put_probe(FILE *out, const struct vane__front_config *s, const char *name,
	const char *path, int period_sec, int failures)
{
	fprintf(out, "        %s:\n", name);
	if (vane__front_config_http(s))
		fprintf(out, "          httpGet: { path: \"%s%s\", port: app }\n", s->mount,
			path);
	else
		fprintf(out, "          tcpSocket: { port: app }\n");
	fprintf(out, "          periodSeconds: %d\n          failureThreshold: %d\n",
		period_sec, failures);
}

static void put_probes(FILE *out, const struct vane__front_config *s)
{
	const char *health = health_of(s), *ready = ready_of(s);

	put_probe(out, s, "startupProbe", health, 1, 60);
	put_probe(out, s, "readinessProbe", ready, 5, 2);
	put_probe(out, s, "livenessProbe", health, 10, 6);
}

static void put_pod(FILE *out, const struct vane__front_config *s, const char *label)
{
	int stop = s->stop_seconds >= 0 ? s->stop_seconds + PRESTOP_SEC : NEVER_SEC;

	fprintf(out,
		"    spec:\n      terminationGracePeriodSeconds: %d\n      containers:\n"
		"      - name: %s\n        image: example.org/%s:1\n",
		stop, label, label);
	put_command(out, s);
	fprintf(out, "        ports:\n        - { name: app, containerPort: %s }\n",
		port_of(s));
	put_probes(out, s);
	fprintf(out,
		"        lifecycle:\n          preStop:\n"
		"            exec: { command: [\"sleep\", \"%d\"] }\n",
		PRESTOP_SEC);
}

void vane__front_config_kubernetes(FILE *out, const struct vane__front_config *s)
{
	char label[sizeof(s->name)];

	put_label(label, sizeof(label), s->name);
	fprintf(out,
		"# Kubernetes: kubectl apply -f FILE, with an image that has the program\n"
		"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: %s\nspec:\n"
		"  replicas: 2\n  strategy:\n"
		"    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }\n"
		"  selector:\n    matchLabels: { app: %s }\n  template:\n"
		"    metadata:\n      labels: { app: %s }\n",
		label, label, label);
	put_pod(out, s, label);
	fprintf(out,
		"---\napiVersion: v1\nkind: Service\nmetadata:\n  name: %s\nspec:\n"
		"  selector: { app: %s }\n  ports:\n"
		"  - { name: app, port: 80, targetPort: app }\n",
		label, label);
}

/* One that was not named is where logs are. */
static void put_log(FILE *out, const struct vane__front_config *s)
{
	if (s->settings->log_file != NULL)
		fprintf(out, "%s", s->settings->log_file);
	else
		fprintf(out, "/var/log/%s.log", s->name);
}

static void put_pid_file(FILE *out, const struct vane__front_config *s)
{
	if (s->settings->pid_file != NULL)
		fprintf(out, "%s", s->settings->pid_file);
	else
		fprintf(out, "/run/%s.pid", s->name);
}

/* The file that takes the place of one has its owner, so that the program may open it. */
void vane__front_config_logrotate(FILE *out, const struct vane__front_config *s)
{
	const char *access = s->settings->access_log_file;

	fprintf(out,
		"# logrotate: save as /etc/logrotate.d/%s\n"
		"# the program is started with: --log-file=",
		s->name);
	put_log(out, s);
	fprintf(out, " --pid-file=");
	put_pid_file(out, s);
	fputc('\n', out);
	put_log(out, s);
	fprintf(out,
		"%s%s {\n\tdaily\n\trotate 14\n\tmissingok\n\tnotifempty\n\tcompress\n"
		"\tdelaycompress\n\tcreate\n\tsharedscripts\n\tpostrotate\n"
		"\t\ttest ! -s ",
		access != NULL ? " " : "", access != NULL ? access : "");
	put_pid_file(out, s);
	fprintf(out, " || kill -USR1 \"$(cat ");
	put_pid_file(out, s);
	fprintf(out, ")\"\n\tendscript\n}\n");
}
