/*
 * The back end for SQLite, and with sqlite_wal.c, which writes its log, all that knows its library.
 *
 * A committed transaction is on the disk: write-ahead log, synchronous=FULL. Readers see what is
 * committed and wait for nobody; a second writer waits LIMIT_BUSY_TIMEOUT_MS and then gets TEMP.
 * The schema of the file is not trusted, other files cannot be attached, nor extensions loaded.
 *
 * Hard about it: SQLite's locks belong to the process and fall when *any* descriptor of the file
 * is closed, so this file opens the database only through the library, but once: to make it.
 * After a full disk or an I/O error SQLite may have rolled back the whole transaction; what runs
 * next would commit by itself, so each statement asks first (is_transaction_lost).
 */
#include "db/driver_impl.h"

#include "base/error.h"
#include "base/limits.h"
#include "db/sqlite_wal.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct sqlite_db {
    struct db base;
    sqlite3 *handle;
    GHashTable *statements; /* address of the SQL text -> struct statement */
};

/* A prepared statement, and the rows of it while it runs. */
struct statement {
    struct db_rows rows;
    sqlite3_stmt *handle;
    int *positions;         /* of $1, $2, …: SQLite numbers them as they occur */
    struct db_value *bound; /* what they stand for; the bytes are whoever's they were, and are
                               only compared by address: SQLite reads what lies there */
    size_t count;
    bool copies; /* what it is bound to: the rows may outlive the values */
    bool is_open;
};

static struct sqlite_db *sqlite_of(struct db *db)
{
    return (struct sqlite_db *)db;
}

static struct statement *statement_of(struct db_rows *rows)
{
    return (struct statement *)rows;
}

/* --- Errors --- */

static const char *system_reason(sqlite3 *handle)
{
    int code = sqlite3_system_errno(handle);
    return code != 0 ? g_strerror(code) : sqlite3_errmsg(handle);
}

/* Sets the error for what the handle failed with last. Corruption and the like are TEMP: the peer
 * can do nothing about our disk, and its mail must not be lost. */
static bool fail(const struct sqlite_db *db, GError **error)
{
    const char *name = db->base.name;
    const char *message = sqlite3_errmsg(db->handle);
    switch (sqlite3_extended_errcode(db->handle) & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return error_temp(error, "the database %s is busy: another program is writing to it (%s)",
                          name, message);
    case SQLITE_FULL:
        return error_temp(
            error, "the database %s cannot grow, the disk is full: make room and try again", name);
    case SQLITE_IOERR:
        return error_temp(error, "the database %s cannot be read or written: %s: look at the disk",
                          name, system_reason(db->handle));
    case SQLITE_CANTOPEN:
        return error_temp(error, "the database %s cannot be opened: %s", name,
                          system_reason(db->handle));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return error_temp(error,
                          "the database %s cannot be written (%s): look at the owner and the mode "
                          "of the file and of its directory",
                          name, message);
    case SQLITE_NOTADB:
        return error_temp(error, "%s is not a SQLite database", name);
    case SQLITE_CORRUPT:
        return error_temp(error,
                          "the database %s is damaged (%s): take the last backup, or `.recover` of "
                          "sqlite3(1)",
                          name, message);
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return error_perm(error, "the database %s refuses a row: %s", name, message);
    default:
        return error_temp(error, "the database %s: %s", name, message);
    }
}

static bool is_busy(const struct sqlite_db *db)
{
    return (sqlite3_extended_errcode(db->handle) & 0xff) == SQLITE_BUSY;
}

/* --- Statements --- */

static void statement_free(void *data)
{
    struct statement *statement = data;
    g_assert(!statement->is_open);
    sqlite3_finalize(statement->handle);
    g_free(statement->positions);
    g_free(statement->bound);
    g_free(statement);
}

static void find_positions(struct statement *statement)
{
    statement->count = (size_t)sqlite3_bind_parameter_count(statement->handle);
    statement->positions = g_new(int, statement->count + 1);
    statement->bound = g_new0(struct db_value, statement->count + 1);
    for (size_t i = 0; i < statement->count; i++) {
        char name[32];
        snprintf(name, sizeof name, "$%zu", i + 1);
        statement->positions[i] = sqlite3_bind_parameter_index(statement->handle, name);
        g_assert(statement->positions[i] > 0);
    }
}

static struct statement *prepare(struct sqlite_db *db, const char *sql, GError **error)
{
    struct statement *statement = g_hash_table_lookup(db->statements, sql);
    if (statement != NULL)
        return statement;

    sqlite3_stmt *handle = NULL;
    if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL) !=
        SQLITE_OK) {
        fail(db, error);
        return NULL;
    }
    statement = g_new0(struct statement, 1);
    statement->rows.db = &db->base;
    statement->handle = handle;
    find_positions(statement);
    g_hash_table_insert(db->statements, (void *)(uintptr_t)sql, statement);
    return statement;
}

static bool is_same(const struct db_value *a, const struct db_value *b)
{
    if (a->type != b->type)
        return false;
    return a->type == DB_TYPE_INT ? a->number == b->number
                                  : a->bytes == b->bytes && a->size == b->size;
}

static int bind_one(sqlite3_stmt *handle, int position, const struct db_value *value, bool copies)
{
    sqlite3_destructor_type lifetime = copies ? SQLITE_TRANSIENT : SQLITE_STATIC;
    switch (value->type) {
    case DB_TYPE_NULL:
        break;
    case DB_TYPE_INT:
        return sqlite3_bind_int64(handle, position, value->number);
    case DB_TYPE_TEXT:
        return sqlite3_bind_text64(handle, position, value->bytes, value->size, lifetime,
                                   SQLITE_UTF8);
    case DB_TYPE_BLOB:
        return value->size == 0
                   ? sqlite3_bind_zeroblob(handle, position, 0)
                   : sqlite3_bind_blob64(handle, position, value->bytes, value->size, lifetime);
    }
    return sqlite3_bind_null(handle, position);
}

static void unbind(struct statement *statement)
{
    sqlite3_clear_bindings(statement->handle);
    memset(statement->bound, 0, statement->count * sizeof *statement->bound);
}

/* Of the rows of a report most values are those of the row before, at the same address: what is
 * bound already is left alone. */
static bool bind(struct sqlite_db *db, struct statement *statement, const struct db_value *values,
                 size_t count, GError **error)
{
    g_assert(count == statement->count);
    if (statement->copies) /* of what is bound, nothing may be borrowed */
        unbind(statement);
    for (size_t i = 0; i < count; i++) {
        if (is_same(&values[i], &statement->bound[i]))
            continue;
        if (bind_one(statement->handle, statement->positions[i], &values[i], statement->copies) !=
            SQLITE_OK)
            return fail(db, error);
        statement->bound[i] = values[i];
    }
    return true;
}

static bool is_transaction_lost(const struct sqlite_db *db)
{
    return db->base.in_transaction && sqlite3_get_autocommit(db->handle) != 0;
}

/* The statement of a text, bound and ready to step; NULL on error. */
static struct statement *start(struct sqlite_db *db, const char *sql, const struct db_value *values,
                               size_t count, bool copies, GError **error)
{
    if (is_transaction_lost(db)) {
        error_temp(error, "the database %s has undone the transaction after an earlier error",
                   db->base.name);
        return NULL;
    }
    struct statement *statement = prepare(db, sql, error);
    if (statement == NULL)
        return NULL;
    g_assert(!statement->is_open);
    statement->copies = copies;
    if (!bind(db, statement, values, count, error)) {
        unbind(statement);
        return NULL;
    }
    statement->is_open = true;
    return statement;
}

static void finish(struct statement *statement)
{
    sqlite3_reset(statement->handle);
    if (statement->copies)
        unbind(statement);
    statement->is_open = false;
}

static bool sqlite_run(struct db *base, const char *sql, const struct db_value *values,
                       size_t count, int64_t *changed, GError **error)
{
    struct sqlite_db *db = sqlite_of(base);
    struct statement *statement = start(db, sql, values, count, false, error);
    if (statement == NULL)
        return false;

    int code;
    do {
        code = sqlite3_step(statement->handle);
    } while (code == SQLITE_ROW);
    bool ok = code == SQLITE_DONE;
    if (!ok)
        fail(db, error);
    else if (changed != NULL)
        *changed = sqlite3_stmt_readonly(statement->handle) ? 0 : sqlite3_changes64(db->handle);
    finish(statement);
    return ok;
}

static bool sqlite_run_script(struct db *base, const char *sql, GError **error)
{
    struct sqlite_db *db = sqlite_of(base);
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK || fail(db, error);
}

static bool sqlite_has_table(struct db *base, const char *name, bool *has, GError **error)
{
    static const char sql[] = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1";
    struct sqlite_db *db = sqlite_of(base);
    struct statement *statement = start(db, sql, DB_VALUES(db_text(name)), false, error);
    if (statement == NULL)
        return false;
    int code = sqlite3_step(statement->handle);
    bool ok = code == SQLITE_ROW || code == SQLITE_DONE || fail(db, error);
    if (ok)
        *has = code == SQLITE_ROW;
    finish(statement);
    return ok;
}

static bool sqlite_version(struct db *base, int64_t *version, GError **error)
{
    static const char sql[] = "PRAGMA data_version";
    struct sqlite_db *db = sqlite_of(base);
    struct statement *statement = start(db, sql, NULL, 0, false, error);
    if (statement == NULL)
        return false;
    bool ok = sqlite3_step(statement->handle) == SQLITE_ROW || fail(db, error);
    if (ok)
        *version = sqlite3_column_int64(statement->handle, 0) + 1;
    finish(statement);
    return ok;
}

/* --- Checkpoints --- */

/* While others commit, the library leaves the database file unsynced, all of it to whoever brings
 * home the last page: that one would then wait for the work of all before it. */
static bool sqlite_checkpoint(struct db *base, GError **error)
{
    struct sqlite_db *db = sqlite_of(base);
    int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if ((code & 0xff) == SQLITE_BUSY)
        return true;
    sqlite3_file *file = NULL;
    if (code == SQLITE_OK)
        code = sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code != SQLITE_OK)
        return fail(db, error);
    if (file != NULL && file->pMethods != NULL &&
        file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) != SQLITE_OK)
        return error_temp(error, "the database %s cannot be brought to the disk: look at the disk",
                          db->base.name);
    return true;
}

/* What fails here fails again when it is tried next; the commit itself is on the disk. */
static int on_commit(void *context, sqlite3 *handle, const char *name, int pages)
{
    struct sqlite_db *db = context;
    db->base.log_pages = pages;
    if (!db->base.leaves_checkpoints && pages >= LIMIT_DB_CHECKPOINT_PAGES)
        sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK;
}

/* --- Rows --- */

static struct db_rows *sqlite_query(struct db *db, const char *sql, const struct db_value *values,
                                    size_t count, GError **error)
{
    struct statement *statement = start(sqlite_of(db), sql, values, count, true, error);
    return statement != NULL ? &statement->rows : NULL;
}

static enum db_step sqlite_step(struct db_rows *rows, GError **error)
{
    switch (sqlite3_step(statement_of(rows)->handle)) {
    case SQLITE_ROW:
        return DB_ROW;
    case SQLITE_DONE:
        return DB_DONE;
    default:
        fail(sqlite_of(rows->db), error);
        return DB_FAILED;
    }
}

static void sqlite_rows_close(struct db_rows *rows)
{
    finish(statement_of(rows));
}

static bool sqlite_column_is_null(struct db_rows *rows, int column)
{
    return sqlite3_column_type(statement_of(rows)->handle, column) == SQLITE_NULL;
}

static int64_t sqlite_column_int(struct db_rows *rows, int column)
{
    return sqlite3_column_int64(statement_of(rows)->handle, column);
}

static const char *sqlite_column_text(struct db_rows *rows, int column)
{
    return (const char *)sqlite3_column_text(statement_of(rows)->handle, column);
}

static const void *sqlite_column_blob(struct db_rows *rows, int column, size_t *size)
{
    sqlite3_stmt *handle = statement_of(rows)->handle;
    if (sqlite_column_is_null(rows, column)) {
        *size = 0;
        return NULL;
    }
    const void *bytes = sqlite3_column_blob(handle, column);
    *size = (size_t)sqlite3_column_bytes(handle, column);
    return bytes != NULL ? bytes : "";
}

/* --- Opening and closing --- */

static void sqlite_close(struct db *base)
{
    struct sqlite_db *db = sqlite_of(base);
    g_hash_table_unref(db->statements);
    int code = sqlite3_close(db->handle);
    g_assert(code == SQLITE_OK);
    g_free(db->base.name);
    g_free(db);
}

/* The library would make the file for everybody to read; its journals get the mode of the file. */
static bool make_file(const char *path, GError **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ||
               error_temp(error, "the database %s cannot be made: %s", path, g_strerror(errno));
    close(fd);
    return true;
}

static bool harden(struct sqlite_db *db, GError **error)
{
    static const struct {
        int option;
        int value;
    } settings[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        int now = -1;
        if (sqlite3_db_config(db->handle, settings[i].option, settings[i].value, &now) !=
                SQLITE_OK ||
            now != settings[i].value)
            return error_temp(error, "SQLite %s does not know a setting that callmx needs",
                              sqlite3_libversion());
    }
    sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 0);
    return true;
}

/* Runs a PRAGMA; *answer (may be NULL) gets the text it gives, g_free it. */
static bool pragma(struct sqlite_db *db, const char *sql, char **answer, GError **error)
{
    sqlite3_stmt *handle = NULL;
    if (sqlite3_prepare_v2(db->handle, sql, -1, &handle, NULL) != SQLITE_OK)
        return fail(db, error);
    int code = sqlite3_step(handle);
    bool ok = code == SQLITE_ROW || code == SQLITE_DONE || fail(db, error);
    if (ok && answer != NULL)
        *answer = g_strdup(code == SQLITE_ROW ? (const char *)sqlite3_column_text(handle, 0) : "");
    sqlite3_finalize(handle);
    return ok;
}

/* Two processes that switch a new file to WAL at once get BUSY without any waiting. */
static bool switch_to_wal(struct sqlite_db *db, GError **error)
{
    enum { PAUSE_MS = 10 };
    g_autofree char *journal = NULL;
    for (int waited = 0;; waited += PAUSE_MS) {
        g_autoptr(GError) failure = NULL;
        if (pragma(db, "PRAGMA journal_mode = WAL", &journal, &failure))
            break;
        if (!is_busy(db) || waited >= LIMIT_BUSY_TIMEOUT_MS) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        g_usleep(PAUSE_MS * 1000);
    }
    if (strcmp(journal, "wal") != 0)
        return error_temp(error,
                          "the database %s lies on a file system that cannot share memory between "
                          "programs (no write-ahead log): put it on a local disk",
                          db->base.name);
    return true;
}

static bool configure(struct sqlite_db *db, enum db_mode mode, GError **error)
{
    g_autofree char *cache =
        g_strdup_printf("PRAGMA cache_size = -%lu", (unsigned long)(LIMIT_DB_CACHE / KIB));
    g_autofree char *journal =
        g_strdup_printf("PRAGMA journal_size_limit = %lu", (unsigned long)LIMIT_DB_JOURNAL);
    g_autofree char *page = g_strdup_printf("PRAGMA page_size = %d", LIMIT_DB_PAGE_BYTES);
    /* Reading anything finds out whether it is a database at all. The size of pages is that of a
     * database that is made now; one that is there keeps its own. */
    if (!pragma(db, page, NULL, error) || !pragma(db, "PRAGMA cell_size_check = ON", NULL, error) ||
        !pragma(db, cache, NULL, error) ||
        !pragma(db, "SELECT count(*) FROM sqlite_schema", NULL, error))
        return false;
    if (mode == DB_READONLY)
        return true;
    if (sqlite3_db_readonly(db->handle, "main") == 1)
        return error_temp(error,
                          "the database %s cannot be written: look at the owner and the mode of "
                          "the file",
                          db->base.name);
    sqlite3_wal_hook(db->handle, on_commit, db);
    /* synchronous first: see sqlite_wal.h. With secure_delete=ON, as Debian builds it, dropping raw
     * mail would write as many zeros. */
    return pragma(db, "PRAGMA synchronous = FULL", NULL, error) && switch_to_wal(db, error) &&
           pragma(db, "PRAGMA secure_delete = FAST", NULL, error) &&
           pragma(db, journal, NULL, error);
}

/* Statistics of memory, which nobody asks for, cost a lock at each allocation. They can be left out
 * only before the first use of the library, which is the making known of the VFS. */
static void configure_library(void)
{
    static gsize once;
    if (g_once_init_enter(&once)) {
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        bool is_known = sqlite_wal_register();
        g_assert(is_known);
        g_once_init_leave(&once, 1);
    }
}

static struct db *sqlite_open(const char *path, enum db_mode mode, GError **error)
{
    if (path[0] != '/') {
        error_perm(error, "`sqlite:%s` names no file: write the path from the root, sqlite:/path",
                   path);
        return NULL;
    }
    if (mode == DB_CREATE && !make_file(path, error))
        return NULL;
    if (mode != DB_CREATE && access(path, F_OK) != 0) {
        error_temp(error, "there is no database %s: %s", path, g_strerror(errno));
        return NULL;
    }

    configure_library();
    struct sqlite_db *db = g_new0(struct sqlite_db, 1);
    db->base.driver = &sqlite_driver;
    db->base.name = g_strdup(path);
    db->statements = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, statement_free);
    int access_flags = mode == DB_READONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int flags =
        access_flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    bool ok =
        sqlite3_open_v2(path, &db->handle, flags, SQLITE_WAL_VFS) == SQLITE_OK || fail(db, error);
    if (ok) {
        sqlite3_busy_timeout(db->handle, LIMIT_BUSY_TIMEOUT_MS);
        ok = harden(db, error) && configure(db, mode, error);
    }
    if (!ok) {
        sqlite_close(&db->base);
        return NULL;
    }
    return &db->base;
}

const struct db_driver sqlite_driver = {
    .scheme = "sqlite",
    .begin = "BEGIN IMMEDIATE",
    .begin_snapshot = "BEGIN",
    .open = sqlite_open,
    .close = sqlite_close,
    .run = sqlite_run,
    .run_script = sqlite_run_script,
    .has_table = sqlite_has_table,
    .version = sqlite_version,
    .checkpoint = sqlite_checkpoint,
    .query = sqlite_query,
    .step = sqlite_step,
    .rows_close = sqlite_rows_close,
    .column_is_null = sqlite_column_is_null,
    .column_int = sqlite_column_int,
    .column_text = sqlite_column_text,
    .column_blob = sqlite_column_blob,
};
