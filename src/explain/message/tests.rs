//! Pasted lines of three browsers, and what is read from them.

use super::*;

/// The code, then `name=value` of what was extracted.
fn read(pasted: &str) -> String {
    let Some(found) = recognise(pasted) else {
        return "nothing".to_owned();
    };
    let values = &found.values;
    let mut text = found.code.name().to_owned();
    for (name, value) in [
        ("url", &values.url),
        ("origin", &values.origin),
        ("method", &values.method),
        ("header", &values.header),
        ("value", &values.value),
        ("status", &values.status),
    ] {
        if let Some(value) = value {
            text.extend([" ", name, "=", value]);
        }
    }
    text
}

fn check(cases: &[(&str, &str)]) {
    for (pasted, expected) in cases {
        assert_eq!(read(pasted), *expected, "{pasted}");
    }
}

/// A line of Chromium about `http://api.test/x` from `http://shop.test`.
fn chromium(reason: &str) -> String {
    format!(
        "Access to fetch at 'http://api.test/x' from origin 'http://shop.test' has been blocked by CORS policy: {reason}"
    )
}

/// A line of Firefox about `http://api.test/x`.
fn firefox(reason: &str) -> String {
    format!(
        "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at http://api.test/x. (Reason: {reason}"
    )
}

#[test]
fn reasons_of_chromium() {
    const PREFLIGHT: &str = "Response to preflight request doesn't pass access control check: ";
    let cases = [
        (
            "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
            "MissingAllowOriginHeader",
            "",
        ),
        (
            "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.",
            "WildcardOriginNotAllowed",
            "",
        ),
        (
            "The 'Access-Control-Allow-Origin' header contains multiple values 'a, b', but only one is allowed.",
            "MultipleAllowOriginValues",
            " value=a, b",
        ),
        (
            "The 'Access-Control-Allow-Origin' header contains the invalid value '*.a.test'. Have the server send",
            "InvalidAllowOriginValue",
            " value=*.a.test",
        ),
        (
            "The 'Access-Control-Allow-Origin' header has a value 'http://b' that is not equal to the supplied origin.",
            "AllowOriginMismatch",
            " value=http://b",
        ),
        (
            "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the request's credentials mode is 'include'.",
            "InvalidAllowCredentials",
            " value=",
        ),
    ];
    for (reason, name, values) in cases {
        let expected = format!("{name} url=http://api.test/x origin=http://shop.test{values}");
        assert_eq!(read(&chromium(reason)), expected);
        let in_preflight = chromium(&format!("{PREFLIGHT}{reason}"));
        assert_eq!(read(&in_preflight), format!("Preflight{expected}"));
    }
    let at = "url=http://api.test/x origin=http://shop.test";
    let cases = [
        (format!("{PREFLIGHT}It does not have HTTP ok status."), format!("PreflightInvalidStatus {at}")),
        (format!("{PREFLIGHT}Redirect is not allowed for a preflight request."), format!("PreflightDisallowedRedirect {at}")),
        ("Cannot parse Access-Control-Allow-Methods response header field in preflight response.".to_owned(), format!("InvalidAllowMethodsPreflightResponse {at}")),
        ("Cannot parse Access-Control-Allow-Headers response header field in preflight response.".to_owned(), format!("InvalidAllowHeadersPreflightResponse {at}")),
        ("Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.".to_owned(), format!("MethodDisallowedByPreflightResponse {at} method=PUT")),
        ("Request header field x-a is not allowed by Access-Control-Allow-Headers in preflight response.".to_owned(), format!("HeaderDisallowedByPreflightResponse {at} header=x-a")),
        ("Redirect location '' contains a username and password, which is disallowed for cross-origin requests.".to_owned(), format!("RedirectContainsCredentials {at}")),
        ("Cross origin requests are only supported for protocol schemes: chrome, http.".to_owned(), format!("CorsDisabledScheme {at}")),
        ("Permission was denied for this request to access the `loopback` address space.".to_owned(), format!("LocalNetworkAccessPermissionDenied {at} value=loopback")),
        ("The request client is not a secure context and the resource is in more-private address space `local`.".to_owned(), format!("InsecureLocalNetwork {at}")),
        ("Request had a target IP address space of `local` yet the resource is in address space `loopback`.".to_owned(), format!("InvalidLocalNetworkAccess {at}")),
        ("The response is invalid.".to_owned(), format!("InvalidResponse {at}")),
        ("Something new.".to_owned(), format!("NoReasonGiven {at}")),
    ];
    for (reason, expected) in cases {
        assert_eq!(read(&chromium(&reason)), expected);
    }
}

#[test]
fn other_lines_of_chromium() {
    check(&[
        (
            "Access to XMLHttpRequest at 'http://b/2' (redirected from 'http://a/1') from origin 'null' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
            "MissingAllowOriginHeader url=http://b/2 origin=null",
        ),
        (
            "Fetch API cannot load http://b/. Request mode is \"same-origin\" but the URL's origin is not same as the request origin http://a.",
            "DisallowedByMode url=http://b/ origin=http://a",
        ),
        (
            "Fetch API cannot load http://b/. Request mode is \"no-cors\" but the redirect mode is not \"follow\".",
            "NoCorsRedirectModeNotFollow url=http://b/",
        ),
        (
            "XMLHttpRequest cannot load http://b/x. No 'Access-Control-Allow-Origin' header is present on the requested resource. Origin 'http://a' is therefore not allowed access.",
            "MissingAllowOriginHeader url=http://b/x origin=http://a",
        ),
        (
            "Response for preflight has invalid HTTP status code 405",
            "PreflightInvalidStatus status=405",
        ),
    ]);
}

#[test]
fn reasons_of_firefox() {
    let cases = [
        (
            "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 404.",
            "MissingAllowOriginHeader",
            " status=404",
        ),
        (
            "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed).",
            "MultipleAllowOriginValues",
            "",
        ),
        (
            "CORS header ‘Access-Control-Allow-Origin’ does not match ‘http://b’).",
            "AllowOriginMismatch",
            " value=http://b",
        ),
        (
            "CORS header ‘Access-Control-Allow-Origin’ does not match ‘a, b’).",
            "MultipleAllowOriginValues",
            " value=a, b",
        ),
        (
            "CORS header ‘Access-Control-Allow-Origin’ does not match ‘’).",
            "InvalidAllowOriginValue",
            " value=",
        ),
        (
            "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).",
            "InvalidAllowCredentials",
            "",
        ),
        (
            "CORS preflight response did not succeed). Status code: 500.",
            "PreflightInvalidStatus",
            " status=500",
        ),
        (
            "CORS preflight response did not succeed). Status code: 302.",
            "PreflightDisallowedRedirect",
            " status=302",
        ),
        (
            "CORS request external redirect not allowed).",
            "PreflightDisallowedRedirect",
            "",
        ),
        (
            "invalid token ‘P{UT’ in CORS header ‘Access-Control-Allow-Methods’).",
            "InvalidAllowMethodsPreflightResponse",
            " value=P{UT",
        ),
        (
            "invalid token ‘a b’ in CORS header ‘Access-Control-Allow-Headers’).",
            "InvalidAllowHeadersPreflightResponse",
            " value=a b",
        ),
        (
            "Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
            "MethodDisallowedByPreflightResponse",
            "",
        ),
        (
            "header ‘x-a’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response).",
            "HeaderDisallowedByPreflightResponse",
            " header=x-a",
        ),
        (
            "missing token ‘x-a’ in CORS header ‘Access-Control-Allow-Headers’ from CORS preflight channel).",
            "HeaderDisallowedByPreflightResponse",
            " header=x-a",
        ),
        ("CORS request not HTTP).", "CorsDisabledScheme", ""),
        (
            "CORS request did not succeed). Status code: (null).",
            "NetworkError",
            "",
        ),
        ("CORS disabled).", "BrowserSettings", ""),
    ];
    for (reason, name, values) in cases {
        // Only a status stands behind the URL in the order in which values are listed here.
        let expected = format!("{name} url=http://api.test/x{values}");
        assert_eq!(read(&firefox(reason)), expected, "{reason}");
    }
    check(&[
        (
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at ‘http://b/’. (Reason: Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).",
            "WildcardOriginNotAllowed url=http://b/",
        ),
        (
            "Cross-Origin Request Warning: The Same Origin Policy will disallow reading the remote resource at http://b/ soon. (Reason: When the `Access-Control-Allow-Headers` is `*`, the `Authorization` header is not covered. To include",
            "HeaderDisallowedByPreflightResponse url=http://b/ header=authorization",
        ),
    ]);
}

#[test]
fn reasons_of_safari() {
    const TAIL: &str = "\nFetch API cannot load http://b/x due to access control checks.";
    let cases = [
        (
            "Origin http://a is not allowed by Access-Control-Allow-Origin. Status code: 200",
            "MissingAllowOriginHeader url=http://b/x origin=http://a status=200",
        ),
        (
            "Access-Control-Allow-Origin cannot contain more than one origin.",
            "MultipleAllowOriginValues url=http://b/x",
        ),
        (
            "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.",
            "WildcardOriginNotAllowed url=http://b/x",
        ),
        (
            "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\".",
            "InvalidAllowCredentials url=http://b/x",
        ),
        (
            "Preflight response is not successful. Status code: 404",
            "PreflightInvalidStatus url=http://b/x status=404",
        ),
        (
            "Preflight response is not successful. Status code: 301",
            "PreflightDisallowedRedirect url=http://b/x status=301",
        ),
        (
            "Method PUT is not allowed by Access-Control-Allow-Methods.",
            "MethodDisallowedByPreflightResponse url=http://b/x method=PUT",
        ),
        (
            "Request header field X-A is not allowed by Access-Control-Allow-Headers.",
            "HeaderDisallowedByPreflightResponse url=http://b/x header=X-A",
        ),
        (
            "Header Access-Control-Allow-Methods has an invalid value: P{UT",
            "InvalidAllowMethodsPreflightResponse url=http://b/x value=P{UT",
        ),
    ];
    for (reason, expected) in cases {
        assert_eq!(read(&format!("{reason}{TAIL}")), expected, "{reason}");
    }
    check(&[
        (
            "Cross-origin redirection to http://c/ denied by Cross-Origin Resource Sharing policy: redirection URL http://u:p@c/ has credentials",
            "RedirectContainsCredentials url=http://c/ value=http://u:p@c/",
        ),
        (TAIL, "NoReasonGiven url=http://b/x"),
    ]);
}

#[test]
fn failures_that_are_not_of_cors() {
    check(&[
        (
            "PUT http://b/x net::ERR_CONNECTION_REFUSED",
            "NetworkError url=http://b/x method=PUT",
        ),
        (
            "GET http://b/ads net::ERR_BLOCKED_BY_CLIENT",
            "BlockedByClient url=http://b/ads method=GET",
        ),
        (
            "Uncaught (in promise) TypeError: Failed to fetch",
            "NoReasonGiven",
        ),
        (
            "TypeError: Failed to fetch\nGET http://b/ net::ERR_CERT_DATE_INVALID",
            "NetworkError url=http://b/ method=GET",
        ),
        (
            "TypeError: NetworkError when attempting to fetch resource.",
            "NoReasonGiven",
        ),
        (
            "Refused to connect to 'http://b/' because it violates the following Content Security Policy directive: \"connect-src 'self'\".",
            "ContentSecurityPolicy",
        ),
        (
            "Mixed Content: The page at 'https://a/' was loaded over HTTPS, but requested",
            "MixedContent",
        ),
        ("hello world", "nothing"),
        ("", "nothing"),
    ]);
}

#[test]
fn surrounding_text_line_breaks_and_lost_quotes_do_no_harm() {
    check(&[
        (
            "my page broke!!\n\n  app.js:12 Access to fetch at http://b/x from origin http://a has been\n blocked by CORS policy: Method patch is not\n allowed by Access-Control-Allow-Methods in preflight response.\napp.js:12 PATCH http://b/x net::ERR_FAILED\nUncaught TypeError: Failed to fetch",
            "MethodDisallowedByPreflightResponse url=http://b/x origin=http://a method=patch",
        ),
        (
            "ACCESS TO FETCH AT “http://b/x” FROM ORIGIN “http://a” HAS BEEN BLOCKED BY CORS POLICY: IT DOES NOT HAVE HTTP OK STATUS.",
            "PreflightInvalidStatus url=http://b/x origin=http://a",
        ),
        (
            "{\"blockedReason\": null, \"corsErrorStatus\": {\"corsError\": \"InvalidAllowCredentials\"}}",
            "InvalidAllowCredentials",
        ),
    ]);
}

#[test]
fn the_first_of_several_reasons_counts_and_the_echo_does_not() {
    let echo = firefox("CORS request did not succeed). Status code: (null).");
    let reason = firefox("CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 204.");
    let found = recognise(&format!("{echo}\n{reason}")).unwrap();
    assert_eq!(found.code.name(), "MissingAllowOriginHeader");
    assert_eq!(
        found.or.map(Code::name),
        Some("PreflightMissingAllowOriginHeader")
    );
    assert_eq!(found.others, 0);

    let first = chromium(
        "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
    );
    let second =
        chromium("No 'Access-Control-Allow-Origin' header is present on the requested resource.");
    let found = recognise(&format!("{first}\n{second}\n{second}")).unwrap();
    assert_eq!(found.code.name(), "MethodDisallowedByPreflightResponse");
    assert_eq!(found.others, 1);
}

/// Firefox translates its sentences; header names, URLs and numbers stay.
#[test]
fn firefox_in_other_languages() {
    const MISSING: &str = "MissingAllowOriginHeader url=http://api.test/x status=200";
    check(&[
        (
            "Blocage d’une requête multiorigine (Cross-Origin Request) : la politique « Same Origin » ne permet pas de consulter la ressource distante située sur http://api.test/x. Raison : l’en-tête CORS « Access-Control-Allow-Origin » est manquant. Code d’état : 200.",
            MISSING,
        ),
        (
            "Quellübergreifende (Cross-Origin) Anfrage blockiert: Die Gleiche-Quelle-Regel verbietet das Lesen der externen Ressource auf http://api.test/x. (Grund: CORS-Kopfzeile 'Access-Control-Allow-Origin' fehlt). Statuscode: 200.",
            MISSING,
        ),
        (
            "Запрос из постороннего источника заблокирован: Политика одного источника запрещает чтение удаленного ресурса на http://api.test/x. (Причина: отсутствует заголовок CORS «Access-Control-Allow-Origin»). Код состояния: 200.",
            MISSING,
        ),
        (
            "已拦截跨源请求：同源策略禁止读取位于 http://api.test/x 的远程资源。（原因：CORS 头缺少 'Access-Control-Allow-Origin'）。状态码：200。",
            MISSING,
        ),
        (
            "クロスオリジン要求をブロックしました: 同一生成元ポリシーにより、http://api.test/x にあるリモートリソースの読み込みは拒否されます (理由: CORS ヘッダー ‘Access-Control-Allow-Origin’ が ‘http://b.test’ に一致しない)。",
            "AllowOriginMismatch url=http://api.test/x value=http://b.test",
        ),
        (
            "Quellübergreifende Anfrage blockiert: … auf http://api.test/x. (Grund: CORS-Kopfzeile 'Access-Control-Allow-Origin' darf nicht mehrfach vorkommen).",
            "MultipleAllowOriginValues url=http://api.test/x",
        ),
        (
            "… http://api.test/x. (Grund: Anmeldedaten werden nicht unterstützt, wenn die CORS-Kopfzeile 'Access-Control-Allow-Origin' '*' ist).",
            "WildcardOriginNotAllowed url=http://api.test/x",
        ),
        (
            "… http://api.test/x. (Grund: 'true' in der CORS-Kopfzeile 'Access-Control-Allow-Credentials' erwartet).",
            "InvalidAllowCredentials url=http://api.test/x",
        ),
        (
            "… http://api.test/x. (Grund: Methode in CORS-Kopfzeile 'Access-Control-Allow-Methods' nicht gefunden).",
            "MethodDisallowedByPreflightResponse url=http://api.test/x",
        ),
        (
            "… http://api.test/x. Raison : jeton « a(b » non valide dans l’en-tête CORS « Access-Control-Allow-Methods ».",
            "InvalidAllowMethodsPreflightResponse url=http://api.test/x value=a(b",
        ),
        (
            "… http://api.test/x. Raison : l’en-tête « x-trace » n’est pas autorisé d’après l’en-tête « Access-Control-Allow-Headers » de la réponse CORS.",
            "HeaderDisallowedByPreflightResponse url=http://api.test/x header=x-trace",
        ),
        // Not every text with these names is one.
        (
            "add_header 'Access-Control-Allow-Origin' 'http://a.test';",
            "nothing",
        ),
        (
            "Die CORS-Kopfzeile 'Access-Control-Allow-Origin' fehlt",
            "nothing",
        ),
        // What names no header, and what older versions said without a status.
        (
            "(Grund: CORS-Preflight-Antwort schlug fehl) http://api.test/x. Statuscode: 401.",
            "PreflightInvalidStatus url=http://api.test/x status=401",
        ),
        (
            "… auf http://api.test/x. (Grund: CORS-Kopfzeile 'Access-Control-Allow-Origin' fehlt).",
            "MissingAllowOriginHeader url=http://api.test/x",
        ),
        (
            "… située sur http://api.test/x. Raison : échec de la requête CORS. Code d’état : (null).",
            "NetworkError url=http://api.test/x",
        ),
        (
            "… située sur http://api.test/x. Raison : la requête CORS n’utilise pas HTTP.",
            "CorsDisabledScheme url=http://api.test/x",
        ),
        (
            "… http://api.test/x. (Razón: Solicitud CORS sin éxito).",
            "NetworkError url=http://api.test/x",
        ),
        (
            "… http://api.test/x (motivo: falha na resposta de comprovação (preflight) do CORS). Código de status: 500.",
            "PreflightInvalidStatus url=http://api.test/x status=500",
        ),
        (
            "… http://api.test/x. (Причина: неудача ответа CORS preflight). Код состояния: 302.",
            "PreflightDisallowedRedirect url=http://api.test/x status=302",
        ),
        (
            "… http://api.test/x 的远程资源。（原因：CORS 请求未能成功）。",
            "NetworkError url=http://api.test/x",
        ),
        (
            "… http://api.test/x …拒否されます (理由: CORS 要求が成功しなかった)。ステータスコード: (null)",
            "NetworkError url=http://api.test/x",
        ),
        (
            "… z „http://api.test/x” (nieudane żądanie CORS). Kod stanu: (null).",
            "NetworkError url=http://api.test/x",
        ),
        (
            "(Grund: CORS deaktiviert) http://api.test/x",
            "BrowserSettings url=http://api.test/x",
        ),
    ]);
}

/// Lines of older versions, of panels, of libraries, and the names of MDN's pages.
#[test]
fn lines_that_are_found_in_reports() {
    check(&[
        (
            "[Error] Origin http://a.test is not allowed by Access-Control-Allow-Origin.",
            "MissingAllowOriginHeader origin=http://a.test",
        ),
        (
            "Font from origin 'http://b.test' has been blocked from loading by Cross-Origin Resource Sharing policy: No 'Access-Control-Allow-Origin' header is present on the requested resource. Origin 'http://a.test' is therefore not allowed access.",
            "MissingAllowOriginHeader origin=http://a.test",
        ),
        (
            "Failed to load http://b.test/x: Response for preflight is invalid (redirect)",
            "PreflightDisallowedRedirect",
        ),
        (
            "XMLHttpRequest cannot load http://b.test/x. The request was redirected to 'http://b.test/y', which is disallowed for cross-origin requests that require preflight.",
            "PreflightDisallowedRedirect url=http://b.test/x",
        ),
        (
            "XMLHttpRequest cannot load http://b.test/x. Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header is ''. It must be 'true' to allow credentials. Origin 'http://a.test' is therefore not allowed access.",
            "InvalidAllowCredentials url=http://b.test/x origin=http://a.test value=",
        ),
        (
            "[Error] Cross-origin image load denied by Cross-Origin Resource Sharing policy.",
            "MissingAllowOriginHeader",
        ),
        (
            "Failed to load resource: Cannot make any requests from null.",
            "MissingAllowOriginHeader",
        ),
        (
            "No 'Access-Control-Allow-Private-Network' header was present in the preflight response for this private network request targeting the `local` address space",
            "InsecureLocalNetwork",
        ),
        (
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at http://b.test/x. This can be fixed by moving the resource to the same domain or enabling CORS.",
            "NoReasonGiven url=http://b.test/x",
        ),
        (
            "XHROPTIONS http://b.test/x CORS Missing Allow Origin",
            "MissingAllowOriginHeader",
        ),
        (
            "developer.mozilla.org/docs/Web/HTTP/CORS/Errors/CORSMissingAllowHeaderFromPreflight",
            "HeaderDisallowedByPreflightResponse",
        ),
        (
            "see …/Errors/CORSDidNotSucceed?utm_source=devtools",
            "NetworkError",
        ),
        (
            "Http failure response for http://b.test/x: 0 Unknown Error",
            "NoReasonGiven url=http://b.test/x",
        ),
        ("AxiosError: Network Error", "NoReasonGiven"),
        (
            "Not allowed to load local resource: file:///c:/x.json",
            "CorsDisabledScheme",
        ),
        (
            "A resource is blocked by OpaqueResponseBlocking, please check browser console for details.",
            "BlockedResponse",
        ),
        (
            "Cancelled load to http://b.test/x because it violates the resource's Cross-Origin-Resource-Policy response header.",
            "BlockedResponse",
        ),
        (
            "downloadable font: download failed (font-family: \"X\"): bad URI or cross-site access not allowed source: http://b.test/x.woff",
            "NoReasonGiven url=http://b.test/x.woff",
        ),
        (
            "GET http://b.test/x net::ERR_CONNECTION_TIMED_OUT",
            "NetworkError url=http://b.test/x method=GET",
        ),
    ]);
}
