/* The fields that go before a kept message. */
#include "daemon/trace.h"

#include <glib.h>
#include <string.h>

static void check(struct smtp_envelope envelope, const char *peer, const char *expected)
{
    struct trace_hop hop = {.peer = peer, .hostname = "mx.example.com"};
    g_autofree char *fields = trace_fields(&envelope, "ID", &hop, 1767634332);
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
    struct trace_hop hop = {.peer = "192.0.2.1",
                            .hostname = "mx.example.com",
                            .tls_version = "TLSv1.3",
                            .tls_cipher = "TLS_AES_256_GCM_SHA384"};
    g_autofree char *fields = trace_fields(&envelope, "ID", &hop, 0);
    g_assert_nonnull(strstr(fields, "from [192.0.2.9] ("));
    g_assert_nonnull(strstr(fields, "\tby mx.example.com with ESMTPS (TLSv1.3 cipher "
                                    "TLS_AES_256_GCM_SHA384)\r\n\tid ID;\r\n"));
    g_assert_nonnull(strstr(fields, "Thu, 01 Jan 1970 00:00:00 +0000"));
}

static void test_utf8(void)
{
    struct smtp_envelope envelope = {
        .helo = "a.example.com", .esmtp = true, .smtputf8 = true, .reverse_path = "ä@example.com"};
    check(envelope, "192.0.2.1",
          "Return-Path: <ä@example.com>\r\n"
          "Received: from a.example.com ([192.0.2.1])\r\n"
          "\tby mx.example.com with UTF8SMTP id ID;\r\n"
          "\tMon, 05 Jan 2026 17:32:12 +0000\r\n");
    envelope.tls = true;
    struct trace_hop hop = {.peer = "192.0.2.1", .hostname = "mx.example.com"};
    g_autofree char *fields = trace_fields(&envelope, "ID", &hop, 0);
    g_assert_nonnull(strstr(fields, " with UTF8SMTPS id ID;"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trace/fields", test_fields);
    g_test_add_func("/trace/hostile-name", test_hostile_name);
    g_test_add_func("/trace/tls", test_tls);
    g_test_add_func("/trace/utf8", test_utf8);
    return g_test_run();
}
