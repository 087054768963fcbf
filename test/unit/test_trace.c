/* The fields that go before a kept message. */
#include "daemon/trace.h"

#include <glib.h>
#include <string.h>

static void check(struct smtp_envelope envelope, const char *peer, const char *expected)
{
    g_autofree char *fields = trace_fields(&envelope, "ID", peer, "mx.example.com", 1767634332);
    g_assert_cmpstr(fields, ==, expected);
}

static void test_fields(void)
{
    struct smtp_envelope envelope = {
        .helo = "mail.example.com", .esmtp = true, .reverse_path = "a@example.com"};
    check(envelope, "192.0.2.1",
          "Return-Path: <a@example.com>\r\n"
          "Received: from mail.example.com ([192.0.2.1])\r\n"
          "\tby mx.example.com with ESMTP id ID;\r\n"
          "\tMon, 05 Jan 2026 17:32:12 +0000\r\n");
}

static void test_hostile_name(void)
{
    struct smtp_envelope envelope = {.helo = "x) (evil\r\n", .reverse_path = ""};
    check(envelope, "2001:db8::1",
          "Return-Path: <>\r\n"
          "Received: from unknown ([IPv6:2001:db8::1])\r\n"
          "\tby mx.example.com with SMTP id ID;\r\n"
          "\tMon, 05 Jan 2026 17:32:12 +0000\r\n");
}

static void test_tls(void)
{
    struct smtp_envelope envelope = {
        .helo = "[192.0.2.9]", .esmtp = true, .tls = true, .reverse_path = ""};
    g_autofree char *fields = trace_fields(&envelope, "ID", "192.0.2.1", "mx.example.com", 0);
    g_assert_nonnull(strstr(fields, "from [192.0.2.9] ("));
    g_assert_nonnull(strstr(fields, " with ESMTPS id ID;"));
    g_assert_nonnull(strstr(fields, "Thu, 01 Jan 1970 00:00:00 +0000"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trace/fields", test_fields);
    g_test_add_func("/trace/hostile-name", test_hostile_name);
    g_test_add_func("/trace/tls", test_tls);
    return g_test_run();
}
