/*
 * Tables of first bytes. The order matters: the first line that fits wins, so the sure ones stand
 * before those that look at text. It only names things; nothing here reads such a file.
 */
#include "report/signature.h"

#include <glib.h>
#include <string.h>

#define CHOOSE "in RingCentral choose Excel (.xlsx) for the report"

static const struct signature EMPTY = {"empty", "The file is empty"};
static const struct signature UNKNOWN = {"unknown", "This is not a workbook: " CHOOSE
                                                    " and send the file as it is"};
static const struct signature PROTECTED = {
    "protected workbook",
    "This workbook is protected by a password: save it without one and send it again"};
static const struct signature XLS = {"old .xls", "This is an old .xls file: " CHOOSE};
static const struct signature OLE = {"old office file",
                                     "This is an old Office file, not a workbook: " CHOOSE};
static const struct signature HTML = {"html", "This is an HTML page, not a workbook: " CHOOSE};
static const struct signature XML2003 = {
    "xml 2003", "This is a workbook in the XML form of 2003: save it as .xlsx and send it again"};
static const struct signature XML = {"xml", "This is an XML file, not a workbook: " CHOOSE};
static const struct signature CSV = {"csv", "This is a text file (CSV), not a workbook: " CHOOSE};
static const struct signature BASE64 = {
    "base64", "This workbook is still in base64: it was packed three times on its way; attach the "
              ".xlsx file as it is"};

static const struct {
    const char *bytes;
    size_t size;
    struct signature signature;
} FIRST_BYTES[] = {
    {"PK\3\4", 4, {"workbook", NULL}},
    {"PK\5\6", 4, {"empty zip", "This is a zip file with nothing in it"}},
    {"%PDF", 4, {"pdf", "This is a PDF, not a workbook: " CHOOSE}},
    {"\x1F\x8B", 2, {"gzip", "This file is packed with gzip: unpack it and send the .xlsx file"}},
    {"Rar!", 4, {"rar", "This is a RAR archive: unpack it and send the .xlsx file"}},
    {"7z\xBC\xAF\x27\x1C", 6, {"7z", "This is a 7z archive: unpack it and send the .xlsx file"}},
    {"\x89PNG", 4, {"image", "This is a picture, not a workbook: " CHOOSE}},
    {"\xFF\xD8\xFF", 3, {"image", "This is a picture, not a workbook: " CHOOSE}},
    {"GIF8", 4, {"image", "This is a picture, not a workbook: " CHOOSE}},
};

static bool holds(const void *bytes, size_t size, const char *piece, size_t piece_size)
{
    return memmem(bytes, size, piece, piece_size) != NULL;
}

/* Whether a name stands somewhere in the directory of an OLE file, as UTF-16. */
static bool holds_utf16(const void *bytes, size_t size, const char *name)
{
    char wide[64];
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++) {
        wide[2 * i] = name[i];
        wide[2 * i + 1] = '\0';
    }
    return holds(bytes, size, wide, 2 * length);
}

static const struct signature *of_ole(const void *bytes, size_t size)
{
    if (holds_utf16(bytes, size, "EncryptedPackage") || holds_utf16(bytes, size, "EncryptionInfo"))
        return &PROTECTED;
    if (holds_utf16(bytes, size, "Workbook") || holds_utf16(bytes, size, "Book"))
        return &XLS;
    return &OLE;
}

/* Text: the first kilobyte, without its byte order mark and blanks, in lower case. */
static const struct signature *of_text(const char *bytes, size_t size)
{
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3;
        size -= 3;
    }
    while (size > 0 && g_ascii_isspace(*bytes)) {
        bytes++;
        size--;
    }
    if (size >= 5 && memcmp(bytes, "UEsDB", 5) == 0)
        return &BASE64;
    size = MIN(size, 1024);
    if (memchr(bytes, '\0', size) != NULL)
        return &UNKNOWN;
    g_autofree char *start = g_ascii_strdown(bytes, (gssize)size);
    if (strstr(start, "urn:schemas-microsoft-com:office:spreadsheet") != NULL)
        return &XML2003;
    if (strstr(start, "<html") != NULL || strstr(start, "<table") != NULL ||
        g_str_has_prefix(start, "<!doctype html"))
        return &HTML;
    if (start[0] == '<')
        return &XML;
    start[strcspn(start, "\r\n")] = '\0';
    return strpbrk(start, ",\t;") != NULL ? &CSV : &UNKNOWN;
}

const struct signature *signature_of_bytes(const void *bytes, size_t size)
{
    if (size == 0)
        return &EMPTY;
    for (size_t i = 0; i < G_N_ELEMENTS(FIRST_BYTES); i++)
        if (size >= FIRST_BYTES[i].size &&
            memcmp(bytes, FIRST_BYTES[i].bytes, FIRST_BYTES[i].size) == 0)
            return &FIRST_BYTES[i].signature;
    if (size >= 8 && memcmp(bytes, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0)
        return of_ole(bytes, size);
    return of_text(bytes, size);
}

static const struct {
    const char *part;
    struct signature signature;
} PARTS[] = {
    {"xl/workbook.bin",
     {"xlsb", "This is a binary workbook (.xlsb): save it as .xlsx and send it again"}},
    {"word/document.xml", {"docx", "This is a Word document, not a workbook: " CHOOSE}},
    {"ppt/presentation.xml", {"pptx", "This is a presentation, not a workbook: " CHOOSE}},
    {"content.xml", {"ods", "This is an OpenDocument file: save it as .xlsx and send it again"}},
};
static const struct signature ZIP_OF_WORKBOOK = {
    "zip of a workbook", "This is a zip file within a zip file, with a workbook in it: unpack it "
                         "and send the .xlsx file"};
static const struct signature ZIP = {"zip", "This is a zip file without a workbook in it: " CHOOSE};

const struct signature *signature_of_main_part(const char *part)
{
    for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++)
        if (g_ascii_strcasecmp(PARTS[i].part, part) == 0)
            return &PARTS[i].signature;
    return NULL;
}

const struct signature *signature_of_package(const struct container *container)
{
    for (size_t i = 0; i < G_N_ELEMENTS(PARTS); i++)
        if (container_has(container, PARTS[i].part))
            return &PARTS[i].signature;
    return NULL;
}

const struct signature *signature_of_container(const struct container *container)
{
    const struct signature *package = signature_of_package(container);
    if (package != NULL)
        return package;
    for (size_t i = 0; i < container_count(container); i++) {
        g_autofree char *name = g_ascii_strdown(container_name(container, i), -1);
        if (g_str_has_suffix(name, ".xlsx"))
            return &ZIP_OF_WORKBOOK;
    }
    return container_count(container) == 0 ? &FIRST_BYTES[1].signature : &ZIP;
}
