/*
 * Every ceiling of callmx on one page. Constants only: nothing here may include anything, and
 * every room may include this.
 *
 * What a configuration may change has only its default here (DEFAULT_…). Units are in the names
 * or beside them; an octet is a byte on the wire.
 */
#ifndef CALLMX_BASE_LIMITS_H
#define CALLMX_BASE_LIMITS_H

#define KIB (1024UL)
#define MIB (1024UL * KIB)

/* --- SMTP: RFC 5321, 4.5.3.1, with what the extensions add --- */
#define LIMIT_SMTP_COMMAND_LINE 1024 /* octets with CRLF: 512, and room for MAIL's parameters */
#define LIMIT_SMTP_REPLY_LINE   512  /* octets with CRLF */
#define LIMIT_SMTP_LOCAL_PART   64   /* octets */
#define LIMIT_SMTP_DOMAIN       255  /* octets */
#define LIMIT_SMTP_PATH         256  /* octets with the angle brackets */
#define LIMIT_SMTP_RECIPIENTS   100  /* in one transaction */
#define LIMIT_SMTP_RECEIVED     100  /* trace fields; as many or more is a loop (6.3) */

#define DEFAULT_SMTP_MESSAGE_SIZE         (100 * MIB) /* octets, dots unstuffed */
#define DEFAULT_SMTP_MESSAGE_MEMORY       (512 * MIB) /* octets, all messages under way together */
#define DEFAULT_SMTP_CONNECTIONS          10000
#define DEFAULT_SMTP_PER_NETWORK          200 /* connections of one /32 or /64 */
#define DEFAULT_SMTP_RCPT_ERRORS          5   /* the next one gets 421 */
#define DEFAULT_SMTP_ERRORS               10
#define DEFAULT_SMTP_JUNK_COMMANDS        100
#define DEFAULT_SMTP_COMMAND_TIMEOUT      300  /* seconds */
#define DEFAULT_SMTP_SESSION_TIMEOUT      1800 /* seconds */
#define DEFAULT_SMTP_DATA_MIN_RATE        500  /* octets a second */
#define DEFAULT_SMTP_HANDSHAKE_TIMEOUT    15   /* seconds, also for the header of a balancer */
#define DEFAULT_SMTP_RCPT_DELAY           1    /* seconds, times the refused recipients before */
#define DEFAULT_SMTP_MESSAGES             1000 /* of one session */
#define DEFAULT_SMTP_RCPT_ERRORS_PER_HOUR 200  /* refused recipients of one /32 or /64 */
#define DEFAULT_MIN_FREE_SPACE            (64 * MIB) /* bytes of the database's file system that stay free */
#define LIMIT_SMTP_ANSWER_US              60  /* before which nobody hears whether a key is good */
#define LIMIT_SMTP_ANSWER_SPREAD_US       256 /* and a chance of so much more */
#define LIMIT_SMTP_KEY_MEMORY             10  /* seconds for which a session takes a key as live */
#define LIMIT_SMTP_GREETING_DELAY         6   /* seconds */
#define LIMIT_SMTP_NETWORKS               20000 /* whose counts are kept; those that have nothing go first */
#define LIMIT_SMTP_REFUSALS_LOGGED        20 /* lines a minute for one network; the rest is counted */
#define LIMIT_SMTP_DESCRIPTORS_KEPT       128 /* for the database, parsers and messages under way */
#define LIMIT_TLS_CHECK                   60 /* seconds between looks at the files of certificates */
#define DEFAULT_SMTP_DATA_GRACE           30          /* seconds over which that rate is measured */
#define LIMIT_SMTP_KEPT                   (256 * KIB) /* octets of a mail to postmaster or abuse alone */
#define LIMIT_SMTP_KEPT_PER_DAY           200         /* of such mails */
#define LIMIT_SMTP_DRAIN                  10 /* seconds for a message to arrive once we stop */
#define LIMIT_SMTP_DISCARD                (256 * MIB) /* octets of a refused message, then the close */
#define LIMIT_PROXY_HEADER                4096 /* octets of a balancer's header, with all that it may add */
#define LIMIT_SMTP_INPUT_BUFFER           (64 * KIB)
#define LIMIT_SMTP_OUTPUT_BUFFER          (64 * KIB)

/* --- HTTP --- */
#define LIMIT_HTTP_REQUEST_LINE (8 * KIB) /* octets with CRLF */
#define LIMIT_HTTP_HEAD         (16 * KIB) /* octets of a request line and its fields; of trailers, too */
#define LIMIT_HTTP_FIELDS       64
#define LIMIT_HTTP_CHUNK_LINE   256 /* octets of the line before a chunk, with its extensions */
#define LIMIT_HTTP_PARAMETERS   4   /* {…} in the path of a route */
#define LIMIT_HTTP_PART_HEAD    (4 * KIB) /* octets of the head of a part of a form */
#define LIMIT_HTTP_PART_NAME    256       /* octets of its name, with a NUL */
#define LIMIT_HTTP_FORM_FIELDS  64

#define LIMIT_HTTP_EVENT     (16 * KIB) /* octets of the body of a webhook */
#define LIMIT_HTTP_DOCUMENT  (64 * KIB) /* octets of a body of the API that is no workbook */
#define DEFAULT_API_PAGE     100        /* entries of one answer */
#define LIMIT_API_PAGE       1000
#define LIMIT_TARGET         1000000        /* of anything that is counted in a day */
#define LIMIT_PREMIUM        100000000000   /* cents that a member earns in a day */
#define LIMIT_GRACE          (3650 * 86400) /* seconds that an old secret lives on */
#define LIMIT_MAILGUN_FORM   (2 * MIB) /* octets of a form without files: texts, percent-encoded */
#define LIMIT_MAILGUN_WINDOW 300       /* seconds that the clock of a signature may be off */
#define LIMIT_MAILGUN_MEMORY                                                                       \
    86400 /* seconds that a used token is remembered: more than the window */

#define DEFAULT_HTTP_CONNECTIONS          10000
#define DEFAULT_HTTP_PER_NETWORK          200    /* connections of one /32 or /64 */
#define DEFAULT_HTTP_REQUESTS             100000 /* on one connection */
#define DEFAULT_HTTP_AUTH_ERRORS_PER_HOUR 200    /* wrong secrets and tokens of one /32 or /64 */
#define DEFAULT_HTTP_UPLOAD_SIZE          (64 * MIB) /* octets of the body */
#define DEFAULT_HTTP_HEAD_TIMEOUT         15  /* seconds for the head of a request to be there */
#define DEFAULT_HTTP_IDLE_TIMEOUT         60  /* seconds between requests */
#define DEFAULT_HTTP_BODY_MIN_RATE        500 /* octets a second */
#define DEFAULT_HTTP_BODY_GRACE           15  /* seconds over which that rate is measured */

/* --- The mail around a workbook --- */
#define LIMIT_MAIL_HEADER_BYTES   (64 * KIB) /* all fields of one header block */
#define LIMIT_MAIL_HEADER_FIELDS  500
#define LIMIT_MAIL_ADDRESS_BYTES  (16 * KIB) /* one address field */
#define LIMIT_MAIL_ADDRESS_GROUPS 64         /* `:` in one address field */
#define LIMIT_MAIL_PARTS          100        /* every line that might be a boundary counts */
#define LIMIT_MAIL_DEPTH          10
#define LIMIT_MAIL_BOUNDARY       70 /* octets, RFC 2046, 5.1.1 */
#define LIMIT_MAIL_PARAMETERS     32
#define LIMIT_MAIL_ATTACHMENTS    20
#define LIMIT_MAIL_FIELD_KEPT     998       /* octets of a subject or Message-ID that are kept */
#define LIMIT_MAIL_TEXT           (1 * MIB) /* octets of a text that are searched for a link */

/* --- A workbook --- */
#define LIMIT_WORKBOOK_BYTES (50 * MIB)
#define LIMIT_ZIP_ENTRIES    10000
#define LIMIT_ZIP_NAME       512
#define LIMIT_ZIP_RATIO      200        /* inflated : deflated, asked above the next one */
#define LIMIT_ZIP_RATIO_FROM (8 * MIB)  /* styles of 1:100 are real in small parts */
#define LIMIT_PART_SMALL     (16 * MIB) /* workbook, rels, custom properties; inflated */
#define LIMIT_PART_STRINGS   (64 * MIB)
#define LIMIT_PART_SHEET     (128 * MIB) /* a real month: 108 MB, 188,000 legs */
#define LIMIT_PARTS_TOTAL    (192 * MIB)
#define LIMIT_XML_DEPTH      64
#define LIMIT_XML_ATTRIBUTES 256
#define LIMIT_XML_MEMORY     (16 * MIB) /* what the XML parser may hold */
#define LIMIT_XML_PIECE      (64 * KIB) /* fed at a time */
#define LIMIT_SHEETS         1000
#define LIMIT_SHEET_COLUMNS  16384 /* XFD */
#define LIMIT_SHEET_ROWS     1048576
#define LIMIT_SHARED_STRINGS 4000000 /* entries */
#define LIMIT_CELL_TEXT      32767   /* UTF-16 units in Excel; octets are cut at 4 × this */

/* --- What is read out of it --- */
#define LIMIT_REPORT_FILES    20          /* = LIMIT_MAIL_ATTACHMENTS */
#define LIMIT_REPORT_LEGS     500000      /* of one message */
#define LIMIT_REPORT_INFLATED (384 * MIB) /* by all workbooks of one message */
#define LIMIT_REPORT_USERS    100000
#define LIMIT_REPORT_NOTES    100          /* of one file; the rest is counted */
#define LIMIT_REPORT_TEXT     1024         /* octets of one name, number, result, queue */
#define LIMIT_REPORT_PAYLOAD  (16 * KIB)   /* octets of one row's raw_payload */
#define LIMIT_REPORT_DAYS     400          /* days that one file may cover */
#define LIMIT_HEADER_ROWS     25           /* the header stands in one of the first rows */
#define LIMIT_HEADER_COLUMNS  500          /* a row with more cells is no header */
#define LIMIT_SESSION_ID      64           /* octets */
#define LIMIT_LABELS          300          /* of one kind in the dictionary of a workbook */
#define LIMIT_DURATION        (10 * 86400) /* seconds of one call */

/* --- Parser processes --- */
#define DEFAULT_PARSER_DEADLINE  30          /* seconds of wall clock and of CPU */
#define DEFAULT_PARSER_MEMORY    (768 * MIB) /* bytes of address space */
#define LIMIT_PARSER_PROCESSES   64
#define LIMIT_PARSER_DESCRIPTORS 16
#define LIMIT_PARSER_WAIT        300 /* seconds in the queue, then 451; RFC 5321 gives us 600 */
#define LIMIT_PARSER_JOBS        20000 /* served by one process, which then makes room for a fresh one */
#define LIMIT_WIRE_BYTES         (256 * MIB) /* all frames of one answer */
#define LIMIT_FRAME_BYTES        (64 * KIB)  /* one frame of a parser's answer */
/* Octets of a message that is copied to its parser; a larger one is mapped by it. */
#define LIMIT_MESSAGE_SMALL (64 * KIB)

/* --- Store --- */
#define LIMIT_COMMIT_BATCH        64    /* messages in one transaction */
#define LIMIT_COMMIT_ROWS         20000 /* legs and Users rows after which it takes no further one */
#define LIMIT_BUSY_TIMEOUT_MS     5000
#define LIMIT_DB_CACHE            (32 * MIB)   /* pages of the database in memory, per connection */
#define LIMIT_DB_PAGE_BYTES       8192         /* of a page of a new database */
#define LIMIT_DB_CHECKPOINT_PAGES 2000         /* new in the log before they are brought home */
#define LIMIT_DB_LOG_PAGES        4000         /* in the log before it begins anew */
#define LIMIT_DB_LOG_GATHERED     (120 * KIB)  /* of the log, written in one call of the system */
#define LIMIT_DB_JOURNAL          (64 * MIB)   /* what the log shrinks to after a checkpoint */
#define DEFAULT_RAW_RETENTION     (30 * 86400) /* seconds */
#define LIMIT_RAW_PIECE           (1 * MIB)    /* octets of a raw message in one row */
#define LIMIT_RAW_PURGE_BATCH     20           /* messages dropped at a time */

/* --- What is hard to believe --- */
#define LIMIT_WARN_LEGS              30 /* of one session */
#define LIMIT_WARN_UNMATCHED_PERCENT 20 /* of legs that name somebody */
#define LIMIT_WARN_CALLS             2  /* between Calls and Users of one member's day */
#define LIMIT_WARN_DAYS              31 /* of one message that are compared */

/* --- People --- */
#define LIMIT_NAME          200    /* octets of the name of an agency or member */
#define LIMIT_CONTACTS      200000 /* of an agency: their numbers are kept in memory */
#define LIMIT_CSV_BYTES     (16 * MIB)
#define LIMIT_CSV_FIELDS    64    /* in one line */
#define LIMIT_LOG_FIELD     256   /* octets of one value in a log line, before escaping */
#define LIMIT_PERSON_MEMO   10000 /* spellings that an index of people remembers */
#define LIMIT_ZONES_KEPT    64    /* time zones that are kept once read */
#define LIMIT_DAYS_KEPT     64    /* days of an agency whose sums are kept from mail to mail */
#define LIMIT_AGENCIES_KEPT 256   /* agencies whose people and days are */

#endif
