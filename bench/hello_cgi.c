/* SPDX-License-Identifier: MIT */
/*
 * hello_cgi.c - a small CGI program: what any host of them is measured with.
 */
#include <stdio.h>

int main(void)
{
	fputs("Content-Type: text/plain; charset=utf-8\n"
	      "Content-Length: 14\n"
	      "\n"
	      "Hello, World!\n",
		stdout);
	return 0;
}
