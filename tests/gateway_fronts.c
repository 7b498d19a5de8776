/* SPDX-License-Identifier: MIT */
/*
 * gateway_fronts.c - vane-gateway runs CGI scripts for web servers that do not, as fcgiwrap
 * does: over FastCGI and SCGI, behind each of them.
 *
 * The gateway is started, and the server configured, as --print-config says; only the
 * address to listen at is another.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "carrier.h"
#include "fronts/front.h"
#include "support/census.h"
#include "support/http.h"
#include "support/pages.h"
#include "support/port.h"

#include "base.h"

#define START_MSEC  20000
#define RETURN_MSEC 20000
#define SLACK_KIB   1048576 /* memory is counted elsewhere */
#define MILLION     1000000
#define TEXT_MAX    8192
#define PROCESSES   4 /* of the gateway, as --processes says */
#define HOSTS       2 /* --cgi twice */

/* A web server, and how it speaks to the gateway. */
struct kind {
	const char *const *argv; /* as front.h has it */
	const char *name, *mode; /* of --print-config and --mode */
	const char *config;      /* around what is printed, which is %s */
	struct {
		const char *from, *to;
	} changes[2];             /* in what is printed */
	const char *const *needs; /* files without which it cannot be tried */
	const char *const *env;
	bool streams; /* hands on what is less than a buffer */
};

struct scene {
	const struct kind *kind;
	struct tmp tmp; /* cgi/ has the scripts, spool/ is for the gateway's files */
	struct proc gateway;
	struct front front;
	struct http *http;
	pid_t known[2];
	struct census_of of;
	struct census before;
};

static const char *program(void)
{
	const char *path = getenv("VANE_GATEWAY");

	return path == NULL ? "./vane-gateway" : path;
}

/* What the gateway says with these words, and those of the map and the limits. */
static void print_config(const struct scene *scene, char *text)
{
	char log[TMP_PATH_MAX], mode[32], listen[TMP_PATH_MAX + 24], cgi[TMP_PATH_MAX + 24];
	char server[32], hook[TMP_PATH_MAX + 24];
	const char *argv[] = { program(), server, mode, listen, cgi, hook,
		"--socket-mode=0666", "--program-head-timeout=4s",
		"--program-idle-timeout=4s", "--kill-timeout=500ms", "--processes=4",
		NULL };
	struct proc proc;
	FILE *file;

	snprintf(server, sizeof(server), "--print-config=%s", scene->kind->name);
	snprintf(mode, sizeof(mode), "--mode=%s", scene->kind->mode);
	snprintf(listen, sizeof(listen), "--listen=unix:%s/gateway.sock", scene->tmp.path);
	snprintf(cgi, sizeof(cgi), "--cgi=/cgi-bin/=%s/cgi", scene->tmp.path);
	snprintf(hook, sizeof(hook), "--cgi=/hook=%s/cgi/actor.cgi", scene->tmp.path);
	assert_int_equal(proc_start(&proc,
				 &(struct proc_start) {
					 .argv = (char *const *) argv,
					 .log = tmp_path(&scene->tmp, log, "printed"),
				 }),
		0);
	assert_int_equal(proc_wait_end(&proc, START_MSEC), 0);
	if (proc.status != 0)
		proc_print_log(&proc);
	assert_int_equal(proc.status, 0);
	file = fopen(log, "re");
	assert_non_null(file);
	text[fread(text, 1, TEXT_MAX - 1, file)] = '\0';
	fclose(file);
}

/* Start the gateway with the command line that was printed. */
static int start_gateway(struct scene *scene, const char *printed)
{
	static const char mark[] = "# start the program with: ";
	const char *line = strstr(printed, mark);
	char command[1024], log[TMP_PATH_MAX], socket[TMP_PATH_MAX];
	const char *argv[] = { "sh", "-c", command, NULL };
	int rc;

	assert_non_null(line);
	line += strlen(mark);
	snprintf(command, sizeof(command), "TMPDIR=%s/spool exec %.*s", scene->tmp.path,
		(int) strcspn(line, "\n"), line);
	rc = proc_start(&scene->gateway,
		&(struct proc_start) { .argv = (char *const *) argv,
			.log = tmp_path(&scene->tmp, log, "gateway.log") });
	return rc < 0 ? rc
		      : proc_wait_unix(&scene->gateway,
				tmp_path(&scene->tmp, socket, "gateway.sock"), START_MSEC);
}

/* Put another text in the place of one that is there. */
static void change(char *text, const char *from, const char *to)
{
	char *at = strstr(text, from), after[TEXT_MAX];

	assert_non_null(at);
	snprintf(after, sizeof(after), "%s", at + strlen(from));
	snprintf(at, (size_t) (text + TEXT_MAX - at), "%s%s", to, after);
}

/* Start the web server with what was printed. */
static int start_front(struct scene *scene, char *printed)
{
	static const char *const dirs[] = { "run", "empty", NULL };
	const struct kind *kind = scene->kind;
	char config[2 * TEXT_MAX];
	struct front_kind front = { .argv = kind->argv,
		.env = kind->env,
		.config = config,
		.dirs = dirs,
		.alone = true };

	for (size_t i = 0; i < ARRAY_SIZE(kind->changes); i++)
		if (kind->changes[i].from != NULL)
			change(printed, kind->changes[i].from, kind->changes[i].to);
	snprintf(config, sizeof(config), "%.*s%s%s",
		(int) (strstr(kind->config, "%s") - kind->config), kind->config, printed,
		strstr(kind->config, "%s") + 2);
	return front_start(&scene->front, &front);
}

static void put_scripts(const struct scene *scene)
{
	assert_int_equal(tmp_mkdir(&scene->tmp, "spool"), 0);
	assert_int_equal(pages_copy_folder(&scene->tmp, "cgi", "cgi", NULL), 0);
	assert_int_equal(
		tmp_copy_program(&scene->tmp, "cgi/actor.cgi", "tests/fixtures/actor"), 0);
	assert_int_equal(tmp_copy_program(&scene->tmp, "cgi/echo", carrier_program()), 0);
}

static void get(const struct scene *scene, const char *target, struct answer *answer)
{
	static const char *const fields[] = { "Host: vane.test", NULL };
	const struct ask ask = { .method = "GET", .target = target, .fields = fields };

	*answer = (struct answer) { 0 };
	assert_int_equal(http_ask(scene->http, &ask, answer), 0);
}

/* Ask, and compare: text is what the body begins with. */
static void assert_answers(
	const struct scene *scene, const char *target, int status, const char *text)
{
	struct answer answer;

	get(scene, target, &answer);
	if (answer.status != status || answer.body == NULL || !answer.whole ||
		strncmp(answer.body == NULL ? "" : answer.body, text, strlen(text)) != 0)
		fail_msg("%s: %d, %s", target, answer.status, answer.body);
	answer_fini(&answer);
}

static void scripts_answer(void **state)
{
	const struct scene *scene = *state;

	assert_answers(scene, "/cgi-bin/hello.sh", 200, "hello from the shell\n");
	assert_answers(scene,
		"/cgi-bin/actor.cgi/a%20b/c?head&env:REQUEST_METHOD&env:SCRIPT_NAME&env:"
		"PATH_INFO",
		200,
		"REQUEST_METHOD=GET\nSCRIPT_NAME=/cgi-bin/actor.cgi\nPATH_INFO=/a b/c\n");
	assert_answers(scene, "/cgi-bin/actor.cgi?head&env:QUERY_STRING&env:REMOTE_ADDR",
		200,
		"QUERY_STRING=head&env:QUERY_STRING&env:REMOTE_ADDR\n"
		"REMOTE_ADDR=127.0.0.1\n");
	assert_answers(scene, "/cgi-bin/actor.cgi?head&env:HTTP_PROXY&env:PATH_TRANSLATED",
		200, "HTTP_PROXY=(none)\nPATH_TRANSLATED=(none)\n");
	assert_answers(scene, "/cgi-bin/nph-plain.sh", 203, "unparsed head\n");
	assert_answers(scene, "/cgi-bin/actor.cgi?head&fill:1000000", 200, "xxxx");
	/* one of our own, which finds its routes behind its name, and "/" if that is all */
	assert_answers(scene, "/cgi-bin/echo/method/any", 200, "GET\n");
	assert_answers(scene, "/cgi-bin/echo", 200, "root\n");
}

static void bodies_arrive(void **state)
{
	static const char *const fields[] = { "Host: vane.test", "Content-Type: text/plain",
		NULL };
	static char million[MILLION];
	const struct scene *scene = *state;
	struct ask ask = { .method = "POST",
		.target = "/cgi-bin/body.sh",
		.fields = fields,
		.body = million,
		.body_len = MILLION,
		.has_body = true };
	struct answer answer = { 0 };

	assert_int_equal(http_ask(scene->http, &ask, &answer), 0);
	assert_string_equal(answer.body, "1000000 bytes, 1000000 said\n");
	answer_fini(&answer);
	memcpy(million, "abc", 3);
	ask.target = "/cgi-bin/actor.cgi?head&copy";
	ask.body_len = 3;
	answer = (struct answer) { 0 };
	assert_int_equal(http_ask(scene->http, &ask, &answer), 0);
	assert_string_equal(answer.body, "abc");
	answer_fini(&answer);
}

static void a_program_has_a_path_of_its_own(void **state)
{
	static const char *const fields[] = { "Host: vane.test", NULL };
	const struct scene *scene = *state;
	const struct ask ask = { .method = "POST",
		.target = "/hook?head&env:SCRIPT_NAME&env:PATH_INFO&copy",
		.fields = fields,
		.body = "x",
		.body_len = 1,
		.has_body = true };
	struct answer answer = { 0 };

	assert_int_equal(http_ask(scene->http, &ask, &answer), 0);
	assert_string_equal(answer.body, "SCRIPT_NAME=/hook\nPATH_INFO=(none)\nx");
	answer_fini(&answer);
	assert_answers(scene, "/hook/a?head&env:SCRIPT_NAME&env:PATH_INFO", 200,
		"SCRIPT_NAME=/hook\nPATH_INFO=/a\n");
}

static void heads_are_those_of_scripts(void **state)
{
	const struct scene *scene = *state;
	struct answer answer;

	assert_answers(scene, "/cgi-bin/local.sh?/cgi-bin/hello.sh", 200, "hello");
	assert_answers(scene,
		"/cgi-bin/actor.cgi?say:Status:_404_Nope~Content-Type:_text/plain~~no", 404,
		"no");
	get(scene, "/cgi-bin/local.sh?http://vane.test/x", &answer);
	assert_int_equal(answer.status, 302);
	assert_string_equal(answer_field(&answer, "location", 0), "http://vane.test/x");
	assert_null(answer_field(&answer, "status", 0));
	answer_fini(&answer);
}

static void what_is_no_script_is_not_run(void **state)
{
	assert_answers(*state, "/cgi-bin/missing.sh", 404, "");
	assert_answers(*state, "/cgi-bin/", 403, "");
	assert_answers(*state, "/elsewhere", 404, "");
}

static void failures_have_their_status(void **state)
{
	struct scene *scene = *state;

	assert_answers(scene, "/cgi-bin/actor.cgi?exit:3", 502, "");
	assert_answers(scene, "/cgi-bin/actor.cgi?ignore:15&hang", 504, "");
	assert_answers(scene, "/cgi-bin/hello.sh", 200, "hello");
}

static void complaints_reach_the_log(void **state)
{
	struct scene *scene = *state;

	assert_answers(
		scene, "/cgi-bin/actor.cgi?err:a_complaint~&head&say:done", 200, "done");
	assert_int_equal(proc_wait_log(&scene->gateway, "a complaint", START_MSEC), 0);
}

/* Though the process that has started it waits for a request. */
static void a_script_that_goes_on_is_not_forgotten(void **state)
{
	struct scene *scene = *state;

	assert_answers(scene,
		"/cgi-bin/actor.cgi?head&say:done&close:1&wait:300&err:it_has_ended~", 200,
		"done");
	assert_int_equal(
		census_return(&scene->before, &scene->of, SLACK_KIB, RETURN_MSEC), 0);
}

/*
 * Where the server hands them on, pieces arrive as they come.  It says that the client has
 * left, or does not and the script's time runs out.
 */
static void a_script_ends_when_its_client_leaves(void **state)
{
	static const char target[] =
		"GET /cgi-bin/actor.cgi?say:X-Accel-Buffering:_no~&err:"
		"begun_by_nobody~&head&say:a_piece~&hang HTTP/1.1\r\n"
		"Host: vane.test\r\n\r\n";
	struct scene *scene = *state;
	char in[4096] = "";
	size_t len = 0;
	int fd = port_connect(scene->front.ports[0], NULL);

	assert_true(fd >= 0);
	assert_int_equal(send(fd, target, strlen(target), MSG_NOSIGNAL), strlen(target));
	while (scene->kind->streams && strstr(in, "a piece\n") == NULL) {
		ssize_t n = recv(fd, in + len, sizeof(in) - 1 - len, 0);

		assert_true(n > 0);
		len += (size_t) n;
	}
	assert_int_equal(proc_wait_log(&scene->gateway, "begun by nobody", START_MSEC), 0);
	close(fd);
	assert_int_equal(
		census_return(&scene->before, &scene->of, SLACK_KIB, RETURN_MSEC), 0);
	assert_answers(scene, "/cgi-bin/hello.sh", 200, "hello");
}

static void nothing_is_left(void **state)
{
	struct scene *scene = *state;

	http_free(scene->http);
	scene->http = NULL;
	proc_stop(&scene->front.server); /* and with it the connections that it keeps */
	assert_int_equal(
		census_return(&scene->before, &scene->of, SLACK_KIB, RETURN_MSEC), 0);
}

#define NGINX                                                                              \
	"daemon off;\nmaster_process off;\npid @DIR@/nginx.pid;\n"                         \
	"error_log @DIR@/error.log;\nevents { worker_connections 256; }\n"                 \
	"http {\naccess_log off;\nclient_body_temp_path @DIR@/body;\n"                     \
	"fastcgi_temp_path @DIR@/fastcgi;\nproxy_temp_path @DIR@/proxy;\n"                 \
	"scgi_temp_path @DIR@/scgi;\nuwsgi_temp_path @DIR@/uwsgi;\n%s\n}\n"

#define MODULES "/usr/lib/apache2/modules/"
#define APACHE(proxy)                                                                      \
	"ServerRoot @DIR@\nServerName vane.test\nPidFile @DIR@/httpd.pid\n"                \
	"DefaultRuntimeDir @DIR@/run\nErrorLog @DIR@/error.log\nUser www-data\n"           \
	"LoadModule mpm_event_module " MODULES "mod_mpm_event.so\n"                        \
	"LoadModule authz_core_module " MODULES "mod_authz_core.so\n"                      \
	"LoadModule env_module " MODULES "mod_env.so\n"                                    \
	"LoadModule dir_module " MODULES "mod_dir.so\n"                                    \
	"LoadModule proxy_module " MODULES "mod_proxy.so\n"                                \
	"LoadModule proxy_" proxy "_module " MODULES "mod_proxy_" proxy ".so\n"            \
	"DocumentRoot @DIR@/empty\nListen 127.0.0.1:@PORT0@\n"                             \
	"<VirtualHost 127.0.0.1:@PORT0@>\n%s\n</VirtualHost>\n"

#define LIGHTTPD(module)                                                                   \
	"server.modules = ( \"" module "\" )\nserver.document-root = \"@DIR@/empty\"\n"    \
	"server.bind = \"127.0.0.1\"\nserver.port = @PORT0@\n"                             \
	"server.errorlog = \"@DIR@/error.log\"\nserver.upload-dirs = ( \"@DIR@\" )\n%s\n"

#define CADDY "{\nadmin off\nauto_https off\nstorage file_system @DIR@\n}\n%s\n"

static const char *const nginx[] = { "nginx", "-p", ".", "-e", "error.log", "-c",
	"@CONFIG@", NULL };
static const char *const apache[] = { "apache2", "-f", "@CONFIG@", "-D", "FOREGROUND",
	NULL };
static const char *const lighttpd[] = { "lighttpd", "-D", "-f", "@CONFIG@", NULL };
static const char *const caddy[] = { "caddy", "run", "--config", "@CONFIG@", "--adapter",
	"caddyfile", NULL };
static const char *const nginx_files[] = { "/etc/nginx/fastcgi_params",
	"/etc/nginx/scgi_params", NULL };
static const char *const apache_files[] = { MODULES "mod_proxy_fcgi.so", NULL };
static const char *const no_files[] = { NULL };
static const char *const caddy_env[] = { "HOME=.", "XDG_DATA_HOME=.", "XDG_CONFIG_HOME=.",
	NULL };

#define LISTEN                                                                             \
	{ "\tlisten 80;", "\tlisten 127.0.0.1:@PORT0@;" },                                 \
		{ "include ", "include /etc/nginx/" }

static const struct kind kinds[] = {
	{ nginx, "nginx", "fastcgi", NGINX, { LISTEN }, nginx_files, .streams = true },
	{ nginx, "nginx", "scgi", NGINX, { LISTEN }, nginx_files, .streams = true },
	{ apache, "apache", "fastcgi", APACHE("fcgi"), { { 0 } }, apache_files },
	{ apache, "apache", "scgi", APACHE("scgi"), { { 0 } }, apache_files },
	{ lighttpd, "lighttpd", "fastcgi", LIGHTTPD("mod_fastcgi"), { { 0 } }, no_files },
	{ lighttpd, "lighttpd", "scgi", LIGHTTPD("mod_scgi"), { { 0 } }, no_files },
	{ caddy, "caddy", "fastcgi", CADDY,
		{ { "example.org {", "http://:@PORT0@ {\nbind 127.0.0.1" } }, no_files,
		caddy_env },
};

/*
 * Occupy all processes of the gateway at once, so that each has opened what it keeps.  One
 * may have taken two of these, and then opens its loop later, for each of its hosts: that much is
 * allowed for.
 */
static void warm_up(const struct scene *scene)
{
	static const char text[] = "GET /cgi-bin/actor.cgi?wait:500&head HTTP/1.1\r\n"
				   "Host: vane.test\r\nConnection: close\r\n\r\n";
	int fds[PROCESSES];
	char buf[1024];
	size_t i;

	for (i = 0; i < PROCESSES; i++) {
		fds[i] = port_connect(scene->front.ports[0], NULL);
		assert_true(fds[i] >= 0);
		assert_int_equal(
			send(fds[i], text, strlen(text), MSG_NOSIGNAL), strlen(text));
	}
	for (i = 0; i < PROCESSES; i++) {
		while (recv(fds[i], buf, sizeof(buf), 0) > 0)
			continue;
		close(fds[i]);
	}
}

/* The one whose turn it is. */
static const struct kind *turn;

static int begin(void **state)
{
	static struct scene scene;
	static char spool[TMP_PATH_MAX];
	char printed[TEXT_MAX];
	int rc;

	scene = (struct scene) { .kind = turn };
	*state = &scene;
	assert_int_equal(tmp_make(&scene.tmp), 0);
	put_scripts(&scene);
	print_config(&scene, printed);
	rc = start_gateway(&scene, printed);
	if (rc == 0)
		rc = start_front(&scene, printed);
	if (rc == 0)
		rc = http_new(&scene.http, scene.front.ports[0], NULL);
	if (rc < 0) {
		fprintf(stderr, "%s", printed);
		proc_print_log(&scene.gateway);
		return rc;
	}
	warm_up(&scene);
	scene.known[0] = scene.front.server.pid;
	scene.of = (struct census_of) { .pid = scene.gateway.pid,
		.folder = tmp_path(&scene.tmp, spool, "spool"),
		.known = scene.known };
	rc = census_take(&scene.before, &scene.of);
	scene.before.descriptors += HOSTS * PROCESSES;
	return rc;
}

static int end(void **state)
{
	struct scene *scene = *state;
	int rc;

	http_free(scene->http);
	front_stop(&scene->front, false);
	rc = proc_stop(&scene->gateway);
	if (rc != 0 || scene->gateway.status != 0)
		proc_print_log(&scene->gateway);
	tmp_remove(&scene->tmp);
	return rc != 0 || scene->gateway.status != 0;
}

static bool is_there(const struct kind *kind)
{
	size_t i;

	for (i = 0; kind->needs[i] != NULL; i++)
		if (access(kind->needs[i], R_OK) != 0)
			return false;
	return proc_available(kind->argv[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_answer),
		cmocka_unit_test(bodies_arrive),
		cmocka_unit_test(a_program_has_a_path_of_its_own),
		cmocka_unit_test(heads_are_those_of_scripts),
		cmocka_unit_test(what_is_no_script_is_not_run),
		cmocka_unit_test(failures_have_their_status),
		cmocka_unit_test(complaints_reach_the_log),
		cmocka_unit_test(a_script_that_goes_on_is_not_forgotten),
		cmocka_unit_test(a_script_ends_when_its_client_leaves),
		cmocka_unit_test(nothing_is_left),
	};
	int failed = 0;
	char name[32];

	if (!proc_available(program()) || !census_possible()) {
		printf("SKIP: there is no vane-gateway, or no /proc to count in\n");
		return 77;
	}
	census_adopt();
	http_global_init();
	for (turn = kinds; turn < kinds + ARRAY_SIZE(kinds); turn++) {
		snprintf(name, sizeof(name), "%s %s", turn->name, turn->mode);
		if (is_there(turn))
			failed += cmocka_run_group_tests_name(name, tests, begin, end);
		else
			printf("SKIP: %s is not installed\n", turn->name);
	}
	return failed;
}
