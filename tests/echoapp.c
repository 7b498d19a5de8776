/* SPDX-License-Identifier: MIT */
/*
 * echoapp.c - the application under test as a program, to be started by hand or by a front.
 */
#include <vane/main.h>

#include "echoroutes.h"

int main(int argc, char **argv)
{
	return vane_main(argc, argv, echo_routes);
}
