/* SPDX-License-Identifier: MIT */
/*
 * guestbook.c - a small application, whole: a form with a picture, entries in SQLite, shown as a page,
 * as JSON and as a spreadsheet, and an administrator who logs in and deletes.
 *
 * Its files lie where it is started:
 *
 *	mkdir pictures; echo "admin:$(openssl passwd -6)" >passwords
 *	./guestbook --processes=4            and look at http://127.0.0.1:8888/
 */
#include <errno.h>
#include <stdio.h>
#include <sqlite3.h>
#include <vane.h>

struct guestbook {
	sqlite3 *db;
	struct vane_static *files;
};

static struct guestbook *book_of(const struct vane_request *req)
{
	return (struct guestbook *) vane_app_data(vane_request_app(req));
}

enum { ID, DATE, NAME, TEXT, PICTURE };

static sqlite3_stmt *prepare(struct vane_request *req, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	sqlite3_prepare_v2(book_of(req)->db, sql, -1, &statement, NULL);
	return statement;
}

static int finish(struct vane_request *req, sqlite3_stmt *statement)
{
	if (statement != NULL && sqlite3_finalize(statement) == SQLITE_OK)
		return 0;
	vane_request_log(req, VANE_LOG_ERROR, "%s", sqlite3_errmsg(book_of(req)->db));
	return -EIO;
}

static sqlite3_stmt *all_entries(struct vane_request *req)
{
	return prepare(
		req, "SELECT id, date, name, text, picture FROM entries ORDER BY id");
}

static const char *column(sqlite3_stmt *row, int i)
{
	return (const char *) sqlite3_column_text(row, i);
}

static const char sign_form[] =
	"<form method=\"post\" enctype=\"multipart/form-data\">\n"
	"<label>Name <input name=\"name\" maxlength=\"80\" required></label>\n"
	"<label>Text <textarea name=\"text\" maxlength=\"2000\" required></textarea></label>\n"
	"<label>Picture <input type=\"file\" name=\"picture\"></label>\n"
	"<button>Sign</button>\n</form>\n";

static int begin_page(struct vane_response *res, const char *title, const char *form)
{
	vane_response_set_type(res, "text/html");
	vane_response_printf_html(res,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n"
		"<style>:root{color-scheme:light dark}img{max-width:100%%}label{display:block}"
		"body{font:1rem/1.5 sans-serif;max-width:40rem;margin:auto;padding:1rem}"
		"</style>\n<h1>%s</h1>\n",
		title, title);
	return vane_response_puts(res, form);
}

/* For everybody, or with the route's data for who may delete. */
static int show(struct vane_request *req, struct vane_response *res)
{
	bool admin = vane_request_data(req) != NULL;
	sqlite3_stmt *row = all_entries(req);

	begin_page(res, admin ? "All entries" : "Guest book", admin ? "" : sign_form);
	while (sqlite3_step(row) == SQLITE_ROW) {
		vane_response_printf_html(res, "<hr>\n<p>%s\n<p>%s, %s\n",
			column(row, TEXT), column(row, NAME), column(row, DATE));
		if (sqlite3_column_bytes(row, PICTURE) > 0)
			vane_response_printf_html(res,
				"<p><img alt=\"\" src=\"pictures/%s\">\n",
				column(row, PICTURE));
		if (admin)
			vane_response_printf_html(res,
				"<form method=\"post\" action=\"admin/delete/%s\">"
				"<button>Delete</button></form>\n",
				column(row, ID));
	}
	return finish(req, row);
}

static int show_picture(struct vane_request *req, struct vane_response *res)
{
	return vane_static_serve(
		book_of(req)->files, req, res, vane_request_path_arg(req, "name"));
}

static int error_page(struct vane_request *req, struct vane_response *res, int status,
	const char *why, void *data)
{
	(void) req, (void) data;
	begin_page(res, vane_status_reason(status), "");
	return vane_response_printf_html(res, "<p>That was no good. %s\n", why);
}

static int list_json(struct vane_request *req, struct vane_response *res)
{
	static const char *const names[] = { "id", "date", "name", "text", "picture" };
	sqlite3_stmt *row = all_entries(req);
	struct vane_json json;
	int i;

	vane_json_init(&json, res);
	vane_json_begin_array(&json);
	while (sqlite3_step(row) == SQLITE_ROW) {
		vane_json_begin_object(&json);
		for (i = ID; i <= PICTURE; i++) {
			vane_json_key(&json, names[i]);
			vane_json_string(&json, column(row, i));
		}
		vane_json_end_object(&json);
	}
	vane_json_end_array(&json);
	vane_json_fini(&json);
	return finish(req, row);
}

static int list_csv(struct vane_request *req, struct vane_response *res)
{
	sqlite3_stmt *row = all_entries(req);

	vane_response_set_type(res, "text/csv");
	while (sqlite3_step(row) == SQLITE_ROW) {
		const char *values[] = { column(row, DATE), column(row, NAME),
			column(row, TEXT), NULL };

		vane_response_puts_csv_safe(res, values); /* text of strangers */
		vane_response_flush(res);                 /* as it is read */
	}
	return finish(req, row);
}

/* Signing and deleting: then back to a page, so that a reload does not send it again. */

/* Save the picture, if there is one, under a name that nobody has chosen. */
static int save_picture(struct vane_request *req, char *name, size_t size)
{
	const struct vane_part *file = vane_request_upload(req, "picture", 0);

	name[0] = '\0';
	if (file == NULL || file->body.len == 0)
		return 0;
	if (!vane_media_type_is(file->content_type, "image/png"))
		return 415;
	snprintf(name, size, "%s.png", vane_request_id(req));
	return vane_part_save(file, "pictures", name, NULL);
}

static int sign(struct vane_request *req, struct vane_response *res)
{
	const char *name = NULL, *text = NULL;
	sqlite3_stmt *insert;
	char file[64];
	int rc = vane_request_require_text(req, "name", 1, 80, &name);

	if (rc == 0)
		rc = vane_request_require_text(req, "text", 1, 2000, &text);
	if (rc == 0)
		rc = save_picture(req, file, sizeof(file));
	if (rc != 0)
		return rc;
	insert = prepare(req, "INSERT INTO entries(name, text, picture) VALUES(?, ?, ?)");
	sqlite3_bind_text(insert, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(insert, 2, text, -1, SQLITE_STATIC);
	sqlite3_bind_text(insert, 3, file, -1, SQLITE_STATIC);
	sqlite3_step(insert);
	return finish(req, insert) < 0 ? -EIO : vane_response_redirect(res, 303, "./");
}

static int erase(struct vane_request *req, struct vane_response *res)
{
	sqlite3_stmt *row =
		prepare(req, "DELETE FROM entries WHERE id = ? RETURNING picture");
	char path[80];

	sqlite3_bind_text(row, 1, vane_request_path_arg(req, "id"), -1, SQLITE_STATIC);
	while (sqlite3_step(row) == SQLITE_ROW && sqlite3_column_bytes(row, 0) > 0) {
		snprintf(path, sizeof(path), "pictures/%s", column(row, 0));
		remove(path);
	}
	return finish(req, row) < 0 ? -EIO
				    : vane_response_redirect(res, 303, "../../admin");
}

static struct guestbook book;
static struct vane_basic_auth_opts login = { "passwords", "guest book" };
static const struct vane_filter guards[] = { VANE_FILTER(&vane_basic_auth_filter, &login),
	VANE_FILTER_END };
static const struct vane_filter filters[] = { VANE_FILTER(&vane_request_id_filter, NULL),
	VANE_FILTER(&vane_security_filter, NULL), VANE_FILTER(&vane_compress_filter, NULL),
	VANE_FILTER_END };
static const struct vane_route admin_pages[] = { VANE_GET("", show, &book),
	VANE_POST("/delete/{id:[0-9]+}", erase), VANE_END };
static const struct vane_route pages[] = { VANE_GET("/", show), VANE_POST("/", sign),
	VANE_GET("/entries.json", list_json), VANE_GET("/entries.csv", list_csv),
	VANE_GET("/pictures/{name}", show_picture),
	VANE_GROUP("/admin", guards, admin_pages), VANE_END };
static const struct vane_route routes[] = { VANE_GROUP("", filters, pages), VANE_END };

static int start(struct vane_program *program, struct vane_loop *loop)
{
	static const char schema[] =
		"CREATE TABLE IF NOT EXISTS entries(id INTEGER PRIMARY "
		"KEY, name, text, picture, date DEFAULT CURRENT_TIMESTAMP)";
	struct vane_static_opts files = VANE_DEFAULTS;

	(void) program, (void) loop;
	files.root = "pictures";
	if (sqlite3_open("guestbook.db", &book.db) != SQLITE_OK ||
		sqlite3_busy_timeout(book.db, 5000) != SQLITE_OK ||
		sqlite3_exec(book.db, schema, NULL, NULL, NULL) != SQLITE_OK)
		return -EIO;
	return vane_static_new(&book.files, &files);
}

static void stop(struct vane_program *program)
{
	(void) program;
	vane_static_free(book.files);
	sqlite3_close(book.db);
}

int main(int argc, char **argv)
{
	struct vane_program program = VANE_DEFAULTS;

	program.routes = routes;
	program.start = start;
	program.stop = stop;
	program.error_page = error_page;
	program.data = &book;
	return vane_program_main(argc, argv, &program);
}
