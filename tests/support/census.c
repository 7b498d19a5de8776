/* SPDX-License-Identifier: MIT */
/*
 * census.c - what a server and its children hold.
 */
#include "support/census.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/proc.h"

#define PROCESSES_MAX 32768
#define LOOK_MSEC     10

struct process {
	pid_t pid, parent;
	char state;
};

/* All that run now. */
struct table {
	struct process *list;
	size_t count;
};

bool census_possible(void)
{
	return access("/proc/self/smaps_rollup", R_OK) == 0;
}

int census_adopt(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? -errno : 0;
}

static bool read_process(pid_t pid, struct process *process)
{
	char path[64], line[512];
	const char *after = NULL;
	int parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	if (fgets(line, sizeof(line), file) != NULL)
		after = strrchr(line, ')');
	fclose(file);
	*process = (struct process) { .pid = pid };
	if (after == NULL || sscanf(after, ") %c %d", &process->state, &parent) != 2)
		return false;
	process->parent = parent;
	return true;
}

static void table_read(struct table *table)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	table->count = 0;
	table->list = malloc(PROCESSES_MAX * sizeof(*table->list));
	if (dir == NULL || table->list == NULL)
		abort();
	while ((entry = readdir(dir)) != NULL && table->count < PROCESSES_MAX) {
		pid_t pid = (pid_t) strtol(entry->d_name, NULL, 10);

		if (pid > 0 && read_process(pid, &table->list[table->count]))
			table->count++;
	}
	closedir(dir);
}

static const struct process *table_find(const struct table *table, pid_t pid)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->list[i].pid == pid)
			return &table->list[i];
	}
	return NULL;
}

/* Whether it is another, or one of its descendants. */
static bool is_below(const struct table *table, const struct process *process, pid_t pid)
{
	for (int depth = 0; process != NULL && depth < 100; depth++) {
		if (process->pid == pid)
			return true;
		process = table_find(table, process->parent);
	}
	return false;
}

/* The path of what a process runs; "" if that cannot be told, as of the dead. */
static void program_of(pid_t pid, char program[1024])
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int) pid);
	len = readlink(path, program, 1023);
	program[len < 0 ? 0 : len] = '\0';
}

static bool same_program(pid_t a, pid_t b)
{
	char of_a[1024], of_b[1024];

	program_of(a, of_a);
	program_of(b, of_b);
	return of_a[0] != '\0' && strcmp(of_a, of_b) == 0;
}

static bool is_worker(const struct process *process, pid_t server)
{
	return process->state != 'Z' && same_program(process->pid, server);
}

static long count_descriptors(pid_t pid)
{
	char path[64];
	struct dirent *entry;
	long count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int) pid);
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	if (dir != NULL)
		closedir(dir);
	return count;
}

static long count_memory(pid_t pid)
{
	char path[64], line[256];
	long kib = 0, some;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int) pid);
	file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "Anonymous: %ld", &some) == 1 ||
			sscanf(line, "Swap: %ld", &some) == 1)
			kib += some;
	}
	if (file != NULL)
		fclose(file);
	return kib;
}

static long files_seen;

static int count_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	files_seen += ftw->level > 0;
	return 0;
}

static long count_files(const char *folder)
{
	files_seen = 0;
	if (folder != NULL)
		nftw(folder, count_one, 16, FTW_PHYS);
	return files_seen;
}

/* A child of the test that it did not start. */
static bool is_stray(const struct process *process, const struct census_of *of)
{
	if (process->parent != getpid() || process->pid == of->pid)
		return false;
	for (const pid_t *known = of->known; known != NULL && *known != 0; known++) {
		if (*known == process->pid)
			return false;
	}
	return true;
}

/* One that ended as an orphan is nobody's fault any more. */
static bool collect(const struct process *process)
{
	return process->state == 'Z' &&
	       waitpid(process->pid, NULL, WNOHANG) == process->pid;
}

static void count_process(struct census *census, const struct table *table,
	const struct process *process, const struct census_of *of)
{
	if (is_stray(process, of)) {
		census->strays += !collect(process);
		return;
	}
	if (!is_below(table, process, of->pid))
		return;
	if (!is_worker(process, of->pid)) {
		census->hosted++;
		census->zombies += process->state == 'Z';
		return;
	}
	census->workers++;
	census->descriptors += count_descriptors(process->pid);
	census->memory += count_memory(process->pid);
}

int census_take(struct census *census, const struct census_of *of)
{
	struct table table;

	*census = (struct census) { .files = count_files(of->folder) };
	table_read(&table);
	for (size_t i = 0; i < table.count; i++)
		count_process(census, &table, &table.list[i], of);
	free(table.list);
	return census->workers == 0 ? -ESRCH : 0;
}

static int compare(const char *name, long before, long after, long allowed, bool complain)
{
	if (after <= before + allowed)
		return 0;
	if (complain)
		fprintf(stderr, "census: %s were %ld and are %ld\n", name, before, after);
	return 1;
}

static int count_grown(
	const struct census *before, const struct census *after, long memory, bool complain)
{
	return compare("workers", before->workers, after->workers, 0, complain) +
	       compare("hosted programs", before->hosted, after->hosted, 0, complain) +
	       compare("zombies", before->zombies, after->zombies, 0, complain) +
	       compare("strays", before->strays, after->strays, 0, complain) +
	       compare("descriptors", before->descriptors, after->descriptors, 0,
		       complain) +
	       compare("KiB of memory", before->memory, after->memory, memory, complain) +
	       compare("temporary files", before->files, after->files, 0, complain);
}

int census_return(
	const struct census *before, const struct census_of *of, long memory, int msec)
{
	long deadline = proc_now() + msec;
	struct census after;
	int rc = census_take(&after, of);

	while (rc == 0 && count_grown(before, &after, memory, false) > 0 &&
		proc_now() < deadline) {
		poll(NULL, 0, LOOK_MSEC);
		rc = census_take(&after, of);
	}
	if (rc < 0) {
		fprintf(stderr, "census: process %d is gone\n", (int) of->pid);
		return 1;
	}
	rc = count_grown(before, &after, memory, true);
	if (rc > 0)
		census_print(of);
	return rc;
}

long census_running(const char *folder)
{
	size_t len = strlen(folder);
	struct table table;
	char program[1024];
	long count = 0;

	table_read(&table);
	for (size_t i = 0; i < table.count; i++) {
		program_of(table.list[i].pid, program);
		count += strncmp(program, folder, len) == 0 && program[len] == '/';
	}
	free(table.list);
	return count;
}

static void print_descriptors(pid_t pid)
{
	char path[320], target[512];
	struct dirent *entry;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int) pid);
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target));
		fprintf(stderr, "  | %d: descriptor %s is %.*s\n", (int) pid, entry->d_name,
			len < 0 ? 0 : (int) len, target);
	}
	if (dir != NULL)
		closedir(dir);
}

static void print_command(const struct process *process)
{
	char path[64], line[512] = "";
	size_t len = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int) process->pid);
	file = fopen(path, "re");
	if (file != NULL) {
		len = fread(line, 1, sizeof(line) - 1, file);
		fclose(file);
	}
	for (size_t i = 0; i + 1 < len; i++) {
		if (line[i] == '\0')
			line[i] = ' ';
	}
	fprintf(stderr, "  | %d, child of %d, %c: %s\n", (int) process->pid,
		(int) process->parent, process->state, line);
}

void census_print(const struct census_of *of)
{
	struct table table;

	table_read(&table);
	for (size_t i = 0; i < table.count; i++) {
		const struct process *process = &table.list[i];

		if (!is_stray(process, of) && !is_below(&table, process, of->pid))
			continue;
		print_command(process);
		if (is_worker(process, of->pid))
			print_descriptors(process->pid);
	}
	free(table.list);
}
