/* SPDX-License-Identifier: MIT */
/*
 * test_null.c - what programs do by mistake: NULL in the place of text, a server that is freed
 * by its own handler
 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane.h>
#include <vane/test.h>

#include "support/site.h"

static int texts(struct vane_request *req, struct vane_response *res)
{
	int64_t number;

	assert_null(vane_request_field(req, NULL));
	assert_null(vane_request_param(req, NULL));
	assert_null(vane_request_arg(req, NULL));
	assert_null(vane_request_arg_or(req, NULL, NULL));
	assert_int_equal(vane_request_require_int(req, NULL, 0, 1, &number), -EINVAL);
	assert_null(vane_request_path_arg(req, NULL));
	assert_null(vane_request_query_arg(req, NULL, 0));
	assert_null(vane_request_form_arg(req, NULL, 0));
	assert_null(vane_request_accepts(req, NULL));
	assert_null(vane_request_accepts_language(req, NULL));
	assert_null(vane_request_cookie(req, NULL));
	assert_null(vane_request_cookie_value(req, NULL, 0));
	assert_int_equal(vane_request_url(req, NULL, 0, NULL), -EINVAL);
	assert_int_equal(vane_response_forward(res, NULL), -EINVAL);
	return 0;
}

static int by_name(struct vane_request *req, struct vane_response *res)
{
	static const struct vane_cookie nameless = { .value = "x" },
					empty = { .name = "x" };
	const char *name = vane_request_arg(req, "name");

	if (strcmp(name, "add") == 0)
		return vane_response_add_field(res, "X-A", NULL);
	if (strcmp(name, "nameless") == 0)
		return vane_response_add_field(res, NULL, "a");
	if (strcmp(name, "set") == 0)
		return vane_response_set_field(res, NULL, "a");
	if (strcmp(name, "type") == 0)
		return vane_response_set_type(res, NULL);
	if (strcmp(name, "remove") == 0)
		return vane_response_remove_field(res, NULL);
	if (strcmp(name, "puts") == 0)
		return vane_response_puts(res, NULL);
	if (strcmp(name, "html") == 0)
		return vane_response_puts_html(res, NULL);
	if (strcmp(name, "redirect") == 0)
		return vane_response_redirect(res, 302, NULL);
	if (strcmp(name, "cookie") == 0)
		return vane_response_set_cookie(res, &nameless);
	if (strcmp(name, "clear-cookie") == 0)
		return vane_response_clear_cookie(res, &nameless);
	return vane_response_set_cookie(res, &empty);
}

static const struct vane_handler texts_handler = { .get = texts };
static const struct vane_handler name_handler = { .get = by_name };
static const struct vane_route routes[] = { { "/", &texts_handler },
	{ "/{name}", &name_handler }, { 0 } };

static char logged[8192];

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	strncat(logged, line, sizeof(logged) - strlen(logged) - 1);
}

static void no_text_is_an_error_that_names_the_function(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *says;
	} rows[] = {
		{ "/", 200, "vane_request_cookie(): NULL in the place of text (GET /)" },
		{ "/add", 500,
			"GET /add (127.0.0.1) route /{name}: vane_response_add_field(): NULL" },
		{ "/nameless", 500, "vane_response_add_field(): NULL" },
		{ "/set", 500, "vane_response_set_field(): NULL" },
		{ "/type", 500, "vane_response_set_type(): NULL" },
		{ "/remove", 500, "vane_response_remove_field(): NULL" },
		{ "/puts", 500, "vane_response_puts(): NULL" },
		{ "/html", 500, "vane_response_puts_html(): NULL" },
		{ "/redirect", 500, "vane_response_redirect(): NULL" },
		{ "/cookie", 500, "vane_response_set_cookie(): NULL" },
		{ "/clear-cookie", 500, "vane_response_clear_cookie(): NULL" },
		{ "/empty-cookie", 500, "vane_response_set_cookie(): NULL" },
	};
	struct vane_app *app;
	size_t i;

	vane_log_set_function(keep_line, NULL);
	assert_int_equal(vane_app_new(&app, routes, NULL), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vane_test_request request = { .method = "GET",
			.target = rows[i].target };
		struct vane_test_response response;

		logged[0] = '\0';
		assert_int_equal(vane_test_run(app, &request, &response), 0);
		assert_int_equal(response.status, rows[i].status);
		assert_non_null(strstr(logged, rows[i].says));
		vane_test_response_fini(&response);
	}
	vane_app_free(app);
	vane_log_set_function(NULL, NULL);
}

static void no_text_elsewhere_is_an_error_too(void **state)
{
	struct vane_docroot *docroot;
	char buf[8];
	int fd;

	assert_int_equal(vane_docroot_open(&docroot, NULL, NULL), -EINVAL);
	assert_int_equal(vane_bind_unix_socket(NULL, 0, 0, &fd), -EINVAL);
	assert_int_equal(vane_options_parse_file(NULL), -EINVAL);
	assert_false(vane_option_given(NULL));
	assert_int_equal(vane_url_escape(buf, sizeof(buf), NULL), 0);
	assert_int_equal(vane_url_unescape(buf, sizeof(buf), NULL), 0);
	assert_int_equal(vane_html_escape(buf, sizeof(buf), NULL), 0);
	assert_string_equal(vane_mime_type(NULL), "application/octet-stream");
}

static struct site site;

static int free_it(struct vane_request *req, struct vane_response *res)
{
	vane_server_free(site.server);
	_exit(1);
}

static int free_it_at_last(struct vane_request *req, struct vane_response *res, void *data)
{
	return free_it(req, res);
}

static int free_it_later(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	return vane_request_after(req, 0, free_it_at_last, NULL);
}

static void a_server_is_not_freed_by_its_handler(void **state)
{
	static const struct vane_handler now = { .get = free_it };
	static const struct vane_handler later = { .get = free_it_later };
	static const struct vane_route frees[] = { { "/now", &now }, { "/later", &later },
		{ 0 } };
	static const char *const requests[] = { "GET /now HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /later HTTP/1.1\r\nHost: h\r\n\r\n" };
	struct client client;
	int i, status;

	for (i = 0; i < 2; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			signal(SIGABRT, SIG_DFL);
			alarm(30);
			site_init(&site, frees, NULL, NULL);
			client_init(&client, &site);
			client_puts(&client, requests[i]);
			client_await(&client, "200 OK");
			_exit(2);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGABRT);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_text_is_an_error_that_names_the_function),
		cmocka_unit_test(no_text_elsewhere_is_an_error_too),
		cmocka_unit_test(a_server_is_not_freed_by_its_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
