/* SPDX-License-Identifier: MIT */
/*
 * suite_requests.c - rows about what is asked: methods, targets, queries, fields, cookies,
 * forms, uploads and bodies.
 */
#include "suite.h"

#define FORM      "Content-Type: application/x-www-form-urlencoded"
#define MULTIPART "Content-Type: multipart/form-data; boundary=frontier"
#define OCTETS    "Content-Type: application/octet-stream"

#define KIB       1024
#define MIB       (1024 * 1024)

#define V64       "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"
#define V1024     V64 V64 V64 V64 V64 V64 V64 V64 V64 V64 V64 V64 V64 V64 V64 V64

/* Of segments that are not too long for a file system either: Apache asks it. */
#define P64 "ppppppppppppppppppppppppppppppp/ppppppppppppppppppppppppppppppp/"
#define P1408                                                                              \
	P64 P64 P64 P64 P64 P64 P64 P64 P64 P64 P64 P64 P64 P64 P64 P64 P64 P64 P64 P64    \
		P64 P64

#define F(n) "X-F" n ": v\n"
#define F10(n)                                                                             \
	F(n "0")                                                                           \
	F(n "1") F(n "2") F(n "3") F(n "4") F(n "5") F(n "6") F(n "7") F(n "8") F(n "9")

/* clang-format off */
const struct suite_row suite_requests[] = {
	/* Methods */
	{ .name = "get", .target = "/method/each", .status = 200, .answer = "GET\n" },
	{ .name = "head-own", .method = "HEAD", .target = "/method/each", .status = 200,
	  .expect = "X-Own: yes\nX-Method: HEAD", .answer = "" },
	{ .name = "post", .method = "POST", .target = "/method/each", .status = 200, .answer = "POST\n" },
	{ .name = "put", .method = "PUT", .target = "/method/each", .status = 200, .answer = "PUT\n" },
	{ .name = "patch", .method = "PATCH", .target = "/method/each", .status = 200, .answer = "PATCH\n" },
	{ .name = "delete", .method = "DELETE", .target = "/method/each", .status = 200, .answer = "DELETE\n" },
	{ .name = "options-own", .method = "OPTIONS", .target = "/method/each", .status = 200,
	  .expect = "X-Own: yes", .answer = "OPTIONS\n" },
	{ .name = "any-get", .target = "/method/any", .status = 200, .answer = "GET\n" },
	{ .name = "any-delete", .method = "DELETE", .target = "/method/any", .status = 200, .answer = "DELETE\n" },
	{ .name = "any-report", .method = "REPORT", .target = "/method/any", .status = 200, .answer = "REPORT\n" },
	{ .name = "head-falls-back", .method = "HEAD", .target = "/method/get", .status = 200,
	  .expect = "X-Method: HEAD", .answer = "" },
	{ .name = "options-free", .method = "OPTIONS", .target = "/method/get", .status = 204,
	  .expect = "Allow: GET, HEAD, OPTIONS", .answer = "" },
	{ .name = "options-post", .method = "OPTIONS", .target = "/method/post", .status = 204,
	  .expect = "Allow: POST, OPTIONS" },
	{ .name = "405-get", .target = "/method/post", .status = 405, .expect = "Allow: POST, OPTIONS" },
	{ .name = "405-head", .method = "HEAD", .target = "/method/post", .status = 405, .answer = "" },
	{ .name = "405-post", .method = "POST", .target = "/method/get", .status = 405,
	  .expect = "Allow: GET, HEAD, OPTIONS" },
	{ .name = "405-registered", .method = "REPORT", .target = "/method/get", .status = 405 },
	{ .name = "405-none", .target = "/method/none", .status = 405 },

	/* Routes and path arguments */
	{ .name = "root", .target = "/", .status = 200, .answer = "root\n" },
	{ .name = "root-query", .target = "/?", .status = 200, .answer = "root\n" },
	{ .name = "404", .target = "/nowhere", .status = 404 },
	{ .name = "404-head", .method = "HEAD", .target = "/nowhere", .status = 404, .answer = "" },
	{ .name = "404-post", .method = "POST", .target = "/nowhere", .body = TEXT("a=b"), .fields = FORM, .status = 404 },
	{ .name = "404-trailing-slash", .target = "/cookie/", .status = 404 },
	{ .name = "item", .target = "/item/7/seven", .status = 200,
	  .answer = "id=7 rest=seven route=/item/{id:[0-9]+}/{rest}\n" },
	{ .name = "item-leading-zeros", .target = "/item/0007/x", .status = 200,
	  .answer = "id=0007 rest=x route=/item/{id:[0-9]+}/{rest}\n" },
	{ .name = "item-no-number", .target = "/item/seven/x", .status = 404 },
	{ .name = "item-empty-rest", .target = "/item/7/", .status = 404 },
	{ .name = "item-more-segments", .target = "/item/7/a/b", .status = 404 },
	{ .name = "item-encoded", .target = "/item/%37/%73even", .status = 200,
	  .answer = "id=7 rest=seven route=/item/{id:[0-9]+}/{rest}\n" },
	{ .name = "item-encoded-slash", .target = "/item/7/a%2Fb", .status = 200,
	  .answer = "id=7 rest=a/b route=/item/{id:[0-9]+}/{rest}\n" },
	{ .name = "item-blank", .target = "/item/7/a%20b", .status = 200,
	  .answer = "id=7 rest=a b route=/item/{id:[0-9]+}/{rest}\n" },
	{ .name = "item-plus", .target = "/item/7/a+b", .status = 200,
	  .answer = "id=7 rest=a+b route=/item/{id:[0-9]+}/{rest}\n" },
	{ .name = "item-utf8", .target = "/item/7/%C3%A9t%C3%A9", .status = 200,
	  .answer = "id=7 rest=\xc3\xa9t\xc3\xa9 route=/item/{id:[0-9]+}/{rest}\n" },
	{ .name = "regex-long", .target = "/deep/" P1408 "a", .status = 200, .answer = "GET\n" },
	{ .name = "regex-long-no-match", .target = "/deep/" P1408 "!", .status = 405 },
	{ .name = "regex-gives-up", .target = "/steps/" V64 "!", .status = 500 },
	{ .name = "regex-does-not-match", .target = "/steps/v!", .status = 405 },
	{ .name = "url", .target = "/url?rest=seven", .status = 200, .answer = "/item/7/seven\n" },
	{ .name = "url-slash", .target = "/url?rest=a/b", .status = 200, .answer = "/item/7/a%2Fb\n" },
	{ .name = "url-dots", .target = "/url?rest=..", .status = 200, .answer = "Invalid argument\n" },
	{ .name = "url-dots-and-slash", .target = "/url?rest=../x", .status = 200, .answer = "Invalid argument\n" },
	{ .name = "utf8-literal", .target = "/caf%C3%A9", .status = 200, .answer = "GET\n" },
	{ .name = "utf8-lower-escapes", .target = "/caf%c3%a9", .status = 200, .answer = "GET\n" },
	{ .name = "arg-path-wins", .target = "/arg/path?a=query", .status = 200, .answer = "arg=path\npath=path\n" },
	{ .name = "arg-query", .target = "/arg?a=query", .status = 200, .answer = "arg=query\npath=(none)\n" },
	{ .name = "arg-last-of-query", .target = "/arg?a=1&a=2", .status = 200, .answer = "arg=2\npath=(none)\n" },
	{ .name = "arg-form-before-query", .method = "POST", .target = "/arg?a=query", .fields = FORM,
	  .body = TEXT("a=1&a=2"), .status = 200, .answer = "arg=2\npath=(none)\n" },
	{ .name = "arg-path-before-form", .method = "POST", .target = "/arg/path?a=query", .fields = FORM,
	  .body = TEXT("a=form"), .status = 200, .answer = "arg=path\npath=path\n" },
	{ .name = "all", .method = "POST", .target = "/all/1/2?b=1&a&b=%C3%A9", .fields = FORM "\nCookie: k=1; j=2; k=3",
	  .body = TEXT("c=1&a=x+y&c="), .status = 200, .answer = "path x=1\npath y=2\nquery b=1\nquery a=\nquery b=\xc3\xa9\n"
	  "form c=1\nform a=x y\nform c=\ncookie k=1\ncookie j=2\ncookie k=3\nk=1,3\n" },
	{ .name = "all-none", .target = "/all/1/2", .status = 200, .answer = "path x=1\npath y=2\nk=\n" },
	{ .name = "arg-form", .method = "POST", .target = "/arg", .fields = FORM,
	  .body = TEXT("a=form"), .status = 200, .answer = "arg=form\npath=(none)\n" },
	{ .name = "arg-default", .target = "/arg", .status = 200, .answer = "arg=(none)\npath=(none)\n" },

	/* What a handler sees of a request */
	{ .name = "env", .target = "/env", .status = 200, .part = "method=GET\nscheme=http\nhost=vane.test\n"
	  "target=/env\npath=/env\nmount=\nquery=(none)\nremote_addr=127.0.0.1\nremote_user=\nbody=0\n" },
	{ .name = "env-head", .method = "HEAD", .target = "/env", .status = 200, .answer = "" },
	{ .name = "env-post", .method = "POST", .target = "/env", .fields = FORM, .body = TEXT("a=b"),
	  .status = 200, .part = "body=3\n" },
	{ .name = "env-post-chunked", .method = "POST", .target = "/env", .fields = FORM, .body = TEXT("a=b"),
	  .chunked = true, .status = 200, .part = "body=3\n" },
	{ .name = "env-post-empty", .method = "POST", .target = "/env", .status = 200, .part = "body=0\n" },
	{ .name = "env-untyped-body", .method = "POST", .target = "/env", .body = TEXT("a=b"), .status = 200,
	  .part = "body=3\n" },
	{ .name = "env-options", .method = "OPTIONS", .target = "/env", .status = 200, .part = "method=OPTIONS\n" },

	/* Shapes of targets */
	{ .name = "path-blank", .target = "/env/a%20b", .status = 200, .part = "target=/env/a%20b\npath=/env/a b\n" },
	{ .name = "path-plus", .target = "/env/a+b", .status = 200, .part = "path=/env/a+b\n" },
	{ .name = "path-utf8", .target = "/env/%E4%BD%A0", .status = 200, .part = "path=/env/\xe4\xbd\xa0\n" },
	{ .name = "path-invalid-utf8", .target = "/env/%ff%fe", .status = 200, .part = "path=/env/\xff\xfe\n" },
	{ .name = "path-encoded-slash", .target = "/env/a%2Fb", .status = 200, .part = "target=/env/a%2Fb\n" },
	{ .name = "path-encoded-question", .target = "/env/a%3Fb", .status = 200,
	  .part = "target=/env/a%3Fb\npath=/env/a?b\nmount=\nquery=(none)\n" },
	{ .name = "path-encoded-percent", .target = "/env/100%25", .status = 200, .part = "path=/env/100%\n" },
	{ .name = "path-decoded-once", .target = "/env/%2541", .status = 200, .part = "path=/env/%41\n" },
	{ .name = "path-encoded-letters", .target = "/%65nv/x", .status = 200, .part = "target=/%65nv/x\npath=/env/x\n" },
	{ .name = "path-semicolon", .target = "/env/a;b=c/d", .status = 200, .part = "path=/env/a;b=c/d\n" },
	{ .name = "path-sub-delims", .target = "/env/!$&'()*,=:@~-._", .status = 200,
	  .part = "path=/env/!$&'()*,=:@~-._\n" },
	{ .name = "path-double-slash", .target = "/env//a//b", .status = 200, .part = "target=/env//a//b\npath=/env//a//b\n" },
	{ .name = "path-dot", .target = "/env/./a", .status = 200, .part = "target=/env/./a\npath=/env/a\n" },
	{ .name = "path-dot-dot", .target = "/env/a/../b", .status = 200,
	  .part = "target=/env/a/../b\npath=/env/b\n" },
	{ .name = "path-encoded-dots", .target = "/env/a/%2e%2E/b", .status = 200,
	  .part = "target=/env/a/%2e%2E/b\npath=/env/b\n" },
	{ .name = "path-dots-encoded-slash", .target = "/env/a/..%2fb", .status = 200,
	  .part = "target=/env/a/..%2fb\npath=/env/b\n" },
	{ .name = "path-dots-elsewhere", .target = "/method/any/../../env/x", .status = 200, .part = "path=/env/x\n" },
	{ .name = "path-dots-above", .target = "/env/../../x", .status = 400 },
	{ .name = "path-encoded-dots-above", .target = "/%2e%2e/env", .status = 400 },
	{ .name = "path-dots-double-slash", .target = "/env/a//../b", .status = 400 },
	{ .name = "path-trailing-slash", .target = "/env/a/", .status = 200, .part = "path=/env/a/\n" },
	{ .name = "path-backslash", .target = "/env/a%5Cb", .status = 200, .part = "path=/env/a\\b\n" },
	{ .name = "path-colon", .target = "/env/http://other.test/", .status = 200, .part = "path=/env/http://other.test/\n" },
	{ .name = "path-control", .target = "/env/a%01b", .status = 200, .part = "path=/env/a\001b\n" },
	{ .name = "path-newline", .target = "/env/a%0Ab", .status = 200, .part = "path=/env/a\nb\n" },
	{ .name = "path-long", .target = "/env/" V1024 V1024, .status = 200, .part = "path=/env/" V1024 V1024 "\n" },
	{ .name = "path-nul", .target = "/env/a%00b", .status = 400 },
	{ .name = "path-bad-escape", .target = "/env/%zz", .status = 400 },
	{ .name = "path-half-escape", .target = "/env/a%4", .status = 400 },
	{ .name = "path-lone-percent", .target = "/env/a%", .status = 400 },

	/* Queries */
	{ .name = "query", .target = "/env?a=b&c=d", .status = 200, .part = "target=/env?a=b&c=d\npath=/env\nmount=\nquery=a=b&c=d\n" },
	{ .name = "query-empty", .target = "/env?", .status = 200, .part = "target=/env?\npath=/env\nmount=\nquery=\n" },
	{ .name = "query-question", .target = "/env?a?b", .status = 200, .part = "query=a?b\n" },
	{ .name = "query-no-value", .target = "/env?a+b", .status = 200, .part = "query=a+b\n" },
	{ .name = "query-raw", .target = "/env?a=%20%2F%c3%a9+b", .status = 200, .part = "query=a=%20%2F%c3%a9+b\n" },
	{ .name = "query-slashes", .target = "/env?u=http://x.test//y/../z", .status = 200, .part = "query=u=http://x.test//y/../z\n" },
	{ .name = "query-bad-escape", .target = "/env?a=%zz", .status = 200, .part = "query=a=%zz\n" },
	{ .name = "query-nul", .target = "/env?a=%00", .status = 200, .part = "query=a=%00\n" },
	{ .name = "query-long", .target = "/env?" V1024 V1024 V1024, .status = 200, .part = "query=" V1024 V1024 V1024 "\n" },
	{ .name = "args", .target = "/form?a=1&b=2&a=3", .status = 200,
	  .answer = "query a=1\nquery a=3\nquery b=2\nerror=none\n" },
	{ .name = "args-decoded", .target = "/form?a=%41+%2B%C3%A9", .status = 200, .answer = "query a=A +\xc3\xa9\nerror=none\n" },
	{ .name = "args-encoded-name", .target = "/form?%C3%BC=u&%61=x", .status = 200,
	  .answer = "query a=x\nquery \xc3\xbc=u\nerror=none\n" },
	{ .name = "args-empty", .target = "/form?a=&b&&c==", .status = 200,
	  .answer = "query a=\nquery b=\nquery c==\nerror=none\n" },
	{ .name = "args-nul", .target = "/arg?b=1&c=%00", .status = 400 },
	{ .name = "args-nul-prepare", .method = "POST", .target = "/query-error?early&c=%00", .body = TEXT("x"), .status = 400 },
	{ .name = "args-nul-seen", .method = "POST", .target = "/query-error?c=%00", .body = TEXT("x"), .status = 200,
	  .answer = "malformed\n" },
	{ .name = "args-bad-escape", .target = "/form?a=%zz&b=%4", .status = 200,
	  .answer = "query a=%zz\nquery b=%4\nerror=none\n" },

	/* Fields */
	{ .name = "field", .target = "/env", .fields = "X-Y: z", .status = 200, .part = "field:x-y=z\n" },
	{ .name = "field-case", .target = "/env", .fields = "x-MiXeD: CaSe", .status = 200, .part = "field:x-mixed=CaSe\n" },
	{ .name = "field-repeated", .target = "/env", .fields = "X-Y: 1\nX-Z: -\nX-Y: 2", .status = 200, .part = "field:x-y=1, 2\n" },
	{ .name = "field-three-times", .target = "/env", .fields = "X-Y: 1\nX-Y: 2, 3\nX-Y: 4", .status = 200,
	  .part = "field:x-y=1, 2, 3, 4\n" },
	{ .name = "field-empty", .target = "/env", .fields = "X-Empty:", .status = 200, .part = "field:x-empty=\n" },
	{ .name = "field-blanks", .target = "/env", .fields = "X-Y:   a  b\t ", .status = 200, .part = "field:x-y=a  b\n" },
	{ .name = "field-utf8", .target = "/env", .fields = "X-Y: gr\xc3\xbc\xc3\x9f", .status = 200,
	  .part = "field:x-y=gr\xc3\xbc\xc3\x9f\n" },
	{ .name = "field-latin1", .target = "/env", .fields = "X-Y: gr\xfc\xdf", .status = 200, .part = "field:x-y=gr\xfc\xdf\n" },
	{ .name = "field-delims", .target = "/env", .fields = "X-Y: \"a, b\"; c=d (e) <f> {g} [h] \\i", .status = 200,
	  .part = "field:x-y=\"a, b\"; c=d (e) <f> {g} [h] \\i\n" },
	{ .name = "field-digits", .target = "/env", .fields = "X-1-2: 3", .status = 200, .part = "field:x-1-2=3\n" },
	{ .name = "field-underscore", .target = "/env", .fields = "X_Y: lost", .status = 200 },
	{ .name = "field-long", .target = "/env", .fields = "X-Long: " V1024 V1024 V1024 V1024 V1024 V1024 V1024 V1024,
	  .status = 200, .part = "field:x-long=" V1024 V1024 V1024 V1024 V1024 V1024 V1024 V1024 "\n" },
	{ .name = "field-hundred", .target = "/env", .status = 200, .part = "field:x-f00=v\n", .fields =
	  F10("0") F10("1") F10("2") F10("3") F10("4") F10("5") F10("6") F10("7") F10("8") F10("9") },
	{ .name = "field-proxy", .target = "/env", .fields = "Proxy: http://evil.test/", .status = 200 },
	{ .name = "field-te", .target = "/env", .fields = "TE: trailers\nX-Y: z", .status = 200, .part = "field:x-y=z\n" },
	{ .name = "field-authorization", .target = "/env", .fields = "Authorization: Basic dTpw", .status = 200,
	  .part = "field:authorization=Basic dTpw\n" },
	{ .name = "field-bearer", .target = "/env", .fields = "Authorization: Bearer a.b.c", .status = 200,
	  .part = "field:authorization=Bearer a.b.c\n" },
	{ .name = "field-agent", .target = "/env", .fields = "User-Agent: vane/1 (suite; x)\nReferer: http://r.test/?a=b", .status = 200,
	  .part = "field:referer=http://r.test/?a=b\nfield:user-agent=vane/1 (suite; x)\n" },
	{ .name = "field-accept", .target = "/env", .fields = "Accept: text/html;q=0.5, */*\nAccept-Language: de, en;q=0.7", .status = 200,
	  .part = "field:accept-language=de, en;q=0.7\n" },
	{ .name = "field-type-on-get", .target = "/env", .fields = "Content-Type: text/x-odd", .status = 200 },
	{ .name = "field-forwarded", .target = "/env", .fields = "X-Forwarded-For: 6.6.6.6\nX-Scheme: https", .status = 200,
	  .part = "scheme=http\n" },
	{ .name = "host-port", .target = "/env", .fields = "Host: vane.test:8080", .status = 200, .part = "host=vane.test:8080\n" },
	{ .name = "host-upper", .target = "/env", .fields = "Host: VANE.Test", .status = 200, .part = "host=vane.test\n" },
	{ .name = "host-ipv6", .target = "/env", .fields = "Host: [::1]:80", .status = 200, .part = "host=[::1]:80\n" },

	/* Cookies */
	{ .name = "cookie-none", .target = "/cookie", .status = 200,
	  .answer = "a=(none)\nb=(none)\nsession=(none)\n__Host-id=(none)\n" },
	{ .name = "cookie", .target = "/cookie", .fields = "Cookie: a=1; b=2", .status = 200,
	  .answer = "a=1\nb=2\nsession=(none)\n__Host-id=(none)\n" },
	{ .name = "cookie-twice", .target = "/cookie", .fields = "Cookie: a=1; a=2", .status = 200,
	  .answer = "a=1\nb=(none)\nsession=(none)\n__Host-id=(none)\n" },
	{ .name = "cookie-two-fields", .target = "/cookie", .fields = "Cookie: a=1\nCookie: b=2", .status = 200,
	  .answer = "a=1\nb=2\nsession=(none)\n__Host-id=(none)\n" },
	{ .name = "ask-again", .target = "/memory?a=1", .fields = "Cookie: a=1\nX-Many: 1\nX-Many: 2\nX-Many: 3", .status = 200,
	  .answer = "the same\n" },
	{ .name = "cookie-equals", .target = "/cookie", .fields = "Cookie: session=aGk=; b=x=y=z", .status = 200,
	  .answer = "a=(none)\nb=x=y=z\nsession=aGk=\n__Host-id=(none)\n" },
	{ .name = "cookie-quoted", .target = "/cookie", .fields = "Cookie: a=\"1\"; __Host-id=x", .status = 200,
	  .answer = "a=1\nb=(none)\nsession=(none)\n__Host-id=x\n" },
	{ .name = "cookie-bad-pairs", .target = "/cookie", .fields = "Cookie: junk; ; a=1;b=2; =x", .status = 200,
	  .answer = "a=1\nb=2\nsession=(none)\n__Host-id=(none)\n" },

	/* Forms */
	{ .name = "form", .method = "POST", .target = "/form", .fields = FORM, .body = TEXT("a=1&b=two+words&a=%C3%A9"),
	  .status = 200, .answer = "form a=1\nform a=\xc3\xa9\nform b=two words\nerror=none\n" },
	{ .name = "form-and-query", .method = "POST", .target = "/form?a=q", .fields = FORM, .body = TEXT("a=f"),
	  .status = 200, .answer = "query a=q\nform a=f\nerror=none\n" },
	{ .name = "form-charset", .method = "POST", .target = "/form",
	  .fields = "Content-Type: application/x-www-form-urlencoded; charset=UTF-8", .body = TEXT("a=1"),
	  .status = 200, .answer = "form a=1\nerror=none\n" },
	{ .name = "form-upper-type", .method = "POST", .target = "/form",
	  .fields = "Content-Type: Application/X-WWW-Form-URLEncoded", .body = TEXT("a=1"),
	  .status = 200, .answer = "form a=1\nerror=none\n" },
	{ .name = "form-put", .method = "PUT", .target = "/form", .fields = FORM, .body = TEXT("a=1"),
	  .status = 200, .answer = "form a=1\nerror=none\n" },
	{ .name = "form-chunked", .method = "POST", .target = "/form", .fields = FORM, .body = TEXT("a=1&b=2"), .chunked = true,
	  .status = 200, .answer = "form a=1\nform b=2\nerror=none\n" },
	{ .name = "form-other-type", .method = "POST", .target = "/form", .fields = "Content-Type: text/plain", .body = TEXT("a=1"),
	  .status = 200, .answer = "error=none\n" },
	{ .name = "form-empty", .method = "POST", .target = "/form", .fields = FORM, .status = 200, .answer = "error=none\n" },
	{ .name = "form-bad-escape", .method = "POST", .target = "/form", .fields = FORM, .body = TEXT("a=%zz&b=%&c=%4"),
	  .status = 200, .answer = "form a=%zz\nform b=%\nform c=%4\nerror=none\n" },
	{ .name = "form-1m", .method = "POST", .target = "/arg", .fields = FORM, .pattern = MIB + 1, .status = 413 },
	{ .name = "form-nul-not-looked-at", .method = "POST", .target = "/arg", .fields = FORM, .body = TEXT("b=1&c=%00"),
	  .status = 400 },
	{ .name = "form-nul", .method = "POST", .target = "/form", .fields = FORM, .body = TEXT("a=%00"),
	  .status = 200, .answer = "error=malformed\n" },

	/* Uploads */
	{ .name = "upload", .method = "POST", .target = "/upload", .fields = MULTIPART, .status = 200, .body = TEXT(
	  "--frontier\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello\r\n"
	  "--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n"
	  "Content-Type: text/plain\r\n\r\nthe file\r\n--frontier--\r\n"),
	  .answer = "form text=hello\nerror=none\nfile file: \"a.txt\" \"text/plain\" 8 e7a6a46f99d02462\n"
	  "part text: field \"\" 5\npart file: file \"text/plain\" 8\n" },
	{ .name = "upload-chunked", .method = "POST", .target = "/upload", .fields = MULTIPART, .chunked = true, .status = 200, .body = TEXT(
	  "--frontier\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello\r\n--frontier--\r\n"),
	  .answer = "form text=hello\nerror=none\npart text: field \"\" 5\n" },
	{ .name = "upload-two-files", .method = "POST", .target = "/upload", .fields = MULTIPART, .status = 200, .body = TEXT(
	  "--frontier\r\nContent-Disposition: form-data; name=\"f\"; filename=\"1\"\r\n\r\n\r\n"
	  "--frontier\r\nContent-Disposition: form-data; name=\"f\"; filename=\"2\"\r\n\r\n--front\r\n--frontier--\r\n"),
	  .part = "file f: \"1\" \"\" 0 cbf29ce484222325\nfile f: \"2\" \"\" 7 " },
	{ .name = "upload-binary", .method = "POST", .target = "/upload", .fields = MULTIPART, .status = 200, .body = TEXT(
	  "--frontier\r\nContent-Disposition: form-data; name=\"f\"; filename=\"b\"\r\n"
	  "Content-Type: application/octet-stream\r\n\r\n\0\1\2\r\n\xff\xfe\r\n\r\n--frontier--\r\n"),
	  .part = "file f: \"b\" \"application/octet-stream\" 9 " },
	{ .name = "upload-utf8-name", .method = "POST", .target = "/upload", .fields = MULTIPART, .status = 200, .body = TEXT(
	  "--frontier\r\nContent-Disposition: form-data; name=\"\xc3\xbc\"\r\n\r\nu\r\n"
	  "--frontier\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\xc3\xa4.txt\"\r\n\r\nx\r\n--frontier--\r\n"),
	  .part = "form \xc3\xbc=u\nerror=none\nfile f: \"\xc3\xa4.txt\"" },
	{ .name = "upload-extended-name", .method = "POST", .target = "/upload", .fields = MULTIPART, .status = 200, .body = TEXT(
	  "--frontier\r\nContent-Disposition: form-data; name=\"f\"; filename*=utf-8''gr%C3%BCn.bin\r\n\r\nx\0y\r\n--frontier--\r\n"),
	  .part = "file f: \"gr\xc3\xbcn.bin\" \"\" 3 " },
	{ .name = "upload-folded", .method = "POST", .target = "/upload", .fields = MULTIPART, .status = 200, .body = TEXT(
	  "--frontier\r\nContent-Disposition: form-data;\r\n name=\"f\";\r\n\tfilename=\"1\"\r\n\r\nx\r\n--frontier--\r\n"),
	  .part = "file f: \"1\" \"\" 1 " },
	{ .name = "upload-nul-in-text", .method = "POST", .target = "/arg", .fields = MULTIPART, .status = 400, .body = TEXT(
	  "--frontier\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\nx\0y\r\n--frontier--\r\n") },
	{ .name = "upload-parts", .method = "POST", .target = "/upload", .fields = MULTIPART, .status = 200, .body = TEXT(
	  "--frontier\r\nContent-Disposition: form-data; name=\"f\"; filename=\"1\"\r\n\r\nx\r\n"
	  "--frontier\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--frontier--\r\n"),
	  .part = "part f: file \"\" 1\npart a: field \"application/json\" 2\n" },
	{ .name = "upload-preamble", .method = "POST", .target = "/upload",
	  .fields = "Content-Type: multipart/form-data; boundary=\"a b\"", .status = 200, .body = TEXT(
	  "preamble\r\n--a b\r\nContent-Disposition: form-data; name=text\r\n\r\nx\r\n--a b--\r\nepilogue"),
	  .answer = "form text=x\nerror=none\npart text: field \"\" 1\n" },
	{ .name = "upload-no-boundary", .method = "POST", .target = "/upload", .fields = "Content-Type: multipart/form-data",
	  .body = TEXT("--x\r\n\r\n"), .status = 200, .answer = "error=malformed\n" },
	{ .name = "upload-cut-short", .method = "POST", .target = "/upload", .fields = MULTIPART, .status = 200, .body = TEXT(
	  "--frontier\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello"), .answer = "error=malformed\n" },

	/* Bodies */
	{ .name = "echo", .method = "POST", .target = "/echo", .fields = "Content-Type: text/x-odd; a=b", .body = TEXT("body\n"),
	  .status = 200, .expect = "Content-Type: text/x-odd; a=b", .answer = "body\n" },
	{ .name = "echo-binary", .method = "POST", .target = "/echo", .fields = OCTETS, .body = TEXT("\0\1\r\n\r\n\xff\0"), .status = 200 },
	{ .name = "echo-put", .method = "PUT", .target = "/echo", .fields = OCTETS, .body = TEXT("put"), .status = 200, .answer = "put" },
	{ .name = "echo-patch", .method = "PATCH", .target = "/echo", .fields = OCTETS, .body = TEXT("patch"), .status = 200, .answer = "patch" },
	{ .name = "echo-delete", .method = "DELETE", .target = "/echo", .fields = OCTETS, .body = TEXT("del"), .status = 200, .answer = "del" },
	{ .name = "echo-get", .target = "/echo", .fields = OCTETS, .body = TEXT("get"), .status = 200, .answer = "get" },
	{ .name = "echo-empty", .method = "POST", .target = "/echo", .fields = OCTETS, .status = 200, .answer = "" },
	{ .name = "echo-chunked", .method = "POST", .target = "/echo", .fields = OCTETS, .body = TEXT("in chunks"), .chunked = true,
	  .status = 200, .answer = "in chunks" },
	{ .name = "echo-chunked-empty", .method = "POST", .target = "/echo", .fields = OCTETS, .chunked = true, .status = 200, .answer = "" },
	{ .name = "echo-1", .method = "POST", .target = "/echo", .fields = OCTETS, .pattern = 1, .status = 200, .answer_pattern = 1 },
	{ .name = "echo-64k-1", .method = "POST", .target = "/echo", .fields = OCTETS, .pattern = 65535, .status = 200, .answer_pattern = 65535 },
	{ .name = "echo-64k", .method = "POST", .target = "/echo", .fields = OCTETS, .pattern = 65536, .status = 200, .answer_pattern = 65536 },
	{ .name = "echo-300k", .method = "POST", .target = "/echo", .fields = OCTETS, .pattern = 300 * KIB, .status = 200, .answer_pattern = 300 * KIB },
	{ .name = "echo-300k-chunked", .method = "POST", .target = "/echo", .fields = OCTETS, .pattern = 300 * KIB, .chunked = true,
	  .status = 200, .answer_pattern = 300 * KIB },
	{ .name = "len-1m", .method = "POST", .target = "/len", .fields = OCTETS, .pattern = MIB, .status = 200, .part = "len=1048576 " },
	{ .name = "len-1m-chunked", .method = "PUT", .target = "/len", .fields = OCTETS, .pattern = MIB, .chunked = true,
	  .status = 200, .part = "len=1048576 " },
	{ .name = "len-5m", .method = "POST", .target = "/len", .fields = OCTETS, .pattern = 5 * MIB, .status = 200, .part = "len=5242880 " },
	{ .name = "take", .method = "POST", .target = "/take", .fields = OCTETS, .body = TEXT("piece by piece"), .status = 200, .part = "len=14 " },
	{ .name = "take-empty", .method = "POST", .target = "/take", .status = 200, .answer = "len=0 fnv=cbf29ce484222325\n" },
	{ .name = "take-5m", .method = "PUT", .target = "/take", .fields = OCTETS, .pattern = 5 * MIB, .status = 200, .part = "len=5242880 " },
	{ .name = "take-1m-chunked", .method = "PUT", .target = "/take", .fields = OCTETS, .pattern = MIB, .chunked = true,
	  .status = 200, .part = "len=1048576 " },
	{ .name = "flow", .method = "POST", .target = "/flow", .fields = OCTETS, .body = TEXT("piece by piece"), .status = 200, .part = "len=14 " },
	{ .name = "flow-empty", .method = "POST", .target = "/flow", .status = 200, .answer = "len=0 fnv=cbf29ce484222325\n" },
	{ .name = "flow-5m", .method = "PUT", .target = "/flow", .fields = OCTETS, .pattern = 5 * MIB, .status = 200, .part = "len=5242880 " },
	{ .name = "flow-1m-chunked", .method = "PUT", .target = "/flow", .fields = OCTETS, .pattern = MIB, .chunked = true,
	  .status = 200, .part = "len=1048576 " },
	{ .name = "flow-limit", .method = "POST", .target = "/flow/small", .fields = OCTETS, .pattern = 1024, .status = 200, .part = "len=1024 " },
	{ .name = "flow-over", .method = "POST", .target = "/flow/small", .fields = OCTETS, .pattern = 1025, .status = 413 },
	{ .name = "flow-over-chunked", .method = "POST", .target = "/flow/small", .fields = OCTETS, .pattern = 1025, .chunked = true,
	  .status = 413 },
	{ .name = "read", .method = "POST", .target = "/read", .fields = OCTETS, .body = TEXT("collected"), .status = 200, .part = "len=9 " },
	{ .name = "read-1m", .method = "PUT", .target = "/read", .fields = OCTETS, .pattern = MIB, .status = 200, .part = "len=1048576 " },
	{ .name = "take-refused", .method = "POST", .target = "/take?limit=10", .fields = OCTETS, .body = TEXT("more than ten bytes"), .status = 403 },
	{ .name = "small-enough", .method = "POST", .target = "/small", .fields = OCTETS, .pattern = 1024, .status = 200, .part = "len=1024 " },
	{ .name = "too-large", .method = "POST", .target = "/small", .fields = OCTETS, .pattern = 1025, .status = 413 },
	{ .name = "too-large-chunked", .method = "POST", .target = "/small", .fields = OCTETS, .pattern = 1025, .chunked = true, .status = 413 },
	{ .name = "too-large-8m", .method = "POST", .target = "/small", .fields = OCTETS, .pattern = 8 * MIB, .status = 413 },
	{ .name = "too-large-8m-chunked", .method = "POST", .target = "/small", .fields = OCTETS, .pattern = 8 * MIB, .chunked = true,
	  .status = 413 },
	{ .name = "ignored-body", .method = "POST", .target = "/method/each", .fields = OCTETS, .pattern = 100 * KIB, .status = 200, .answer = "POST\n" },
	{ .name = "ignored-body-404", .method = "POST", .target = "/nowhere", .fields = OCTETS, .pattern = 100 * KIB, .status = 404 },
	{ 0 },
};
/* clang-format on */
