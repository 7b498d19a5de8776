/* SPDX-License-Identifier: MIT */
/*
 * vane.h - all of Vane that a program with handlers needs.
 *
 * Those who embed the pieces include vane/server.h, vane/process.h and the like; those who
 * bring requests in include vane/driver.h; tests of handlers include vane/test.h.
 */
#ifndef VANE_H
#define VANE_H

#include <vane/app.h>
#include <vane/filter.h>
#include <vane/filters.h>
#include <vane/handler.h>
#include <vane/json.h>
#include <vane/log.h>
#include <vane/main.h>
#include <vane/options.h>
#include <vane/request.h>
#include <vane/response.h>
#include <vane/sandbox.h>
#include <vane/static.h>
#include <vane/types.h>
#include <vane/util.h>

#endif
