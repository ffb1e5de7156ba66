import Foundation
import OutboardTesting

/// Certificates for tests, valid from 2020 to 2120; their keys protect nothing.
///
/// Keys by `openssl ecparam -name prime256v1 -genkey`, certificates by `openssl ca -startdate … -enddate …`.
struct TestCertificates {
    let folder: URL

    /// Writes them into a folder of their own.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "outboard-tls-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in Self.files {
            try Data((text + "\n").utf8).write(to: folder.appending(path: name))
        }
    }

    func remove() throws { try FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// - Parameter certificate: `server.crt` is for two names and 127.0.0.1, `localhost.crt` for that name only.
    func server(
        _ certificate: String = "server.crt", clients: ThrowawayRedis.Certificates.Clients = .withoutCertificate
    ) -> ThrowawayRedis.Certificates {
        ThrowawayRedis.Certificates(
            ca: folder.appending(path: "ca.crt"), certificate: folder.appending(path: certificate),
            key: folder.appending(path: "server.key"), clients: clients)
    }

    private static let files = [
        "ca.crt": """
        -----BEGIN CERTIFICATE-----
        MIIBWjCCAQCgAwIBAgICEAAwCgYIKoZIzj0EAwIwGzEZMBcGA1UEAwwQT3V0Ym9h
        cmQgdGVzdCBjYTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGzEZ
        MBcGA1UEAwwQT3V0Ym9hcmQgdGVzdCBjYTBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABMdQceYMcTxp+y0Z9xybotIIun3uOTHy8NVlqPX2Kv+SLboUqeTFksTeR71E
        tiuYvwOGaF7uRB4+O/o1b6oEiJqjMjAwMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0O
        BBYEFET7gvSmVLjRnlRlTSAutpchgaA6MAoGCCqGSM49BAMCA0gAMEUCIFSWE64i
        51+DCyJK/Q5PZCmTT+4LrcHfcaVILmrKHq5uAiEA+NcHEgwEaHh/09NyFskQ+PnF
        ditwkQv+Hgo60Y5uVrQ=
        -----END CERTIFICATE-----
        """,
        "other.crt": """
        -----BEGIN CERTIFICATE-----
        MIIBYDCCAQagAwIBAgICEAEwCgYIKoZIzj0EAwIwHjEcMBoGA1UEAwwTT3V0Ym9h
        cmQgdGVzdCBvdGhlcjAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFow
        HjEcMBoGA1UEAwwTT3V0Ym9hcmQgdGVzdCBvdGhlcjBZMBMGByqGSM49AgEGCCqG
        SM49AwEHA0IABL25DTN7k3yl81mrSSGm5I6+fqKzt1I0fMm8W8AEfBLogBLoASFJ
        H+5+lIJL6rRivQVmFEy3/D7A8SBwgVRD31mjMjAwMA8GA1UdEwEB/wQFMAMBAf8w
        HQYDVR0OBBYEFBngRGKEgo4TCjXTIWOmnXBDqgkyMAoGCCqGSM49BAMCA0gAMEUC
        IDtIUSQ3/2GlpWfUZNammsjq8Hop4ZPdLcnAkh9VjrgsAiEAid21peoD7wE9nsIv
        WIoVhaYE4NSuD1lrP2ows2M1zR4=
        -----END CERTIFICATE-----
        """,
        "server.crt": """
        -----BEGIN CERTIFICATE-----
        MIIBizCCATKgAwIBAgICEAIwCgYIKoZIzj0EAwIwGzEZMBcGA1UEAwwQT3V0Ym9h
        cmQgdGVzdCBjYTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFTET
        MBEGA1UEAwwKcmVkaXMudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABK50
        pkFhNHWSUdxpJJG4Q3tbuY3n+vfF1SqCm5bSMbhkNkeHSEUvH19Vw3DTbg1T4CZ9
        k7+GYcGABBd0bcxE/hSjajBoMCYGA1UdEQQfMB2CCWxvY2FsaG9zdIIKcmVkaXMu
        dGVzdIcEfwAAATAdBgNVHQ4EFgQUI0Aor9NB8uWhlHadig7sz+iRe6UwHwYDVR0j
        BBgwFoAURPuC9KZUuNGeVGVNIC62lyGBoDowCgYIKoZIzj0EAwIDRwAwRAIgE47/
        8v8X3d3vbgafV/wzOc4C74MWNTDpQ+6jOIOxCVYCIAUMPnC5WaNjVAm7FuA+CnE+
        2z9fqn1NLFJ2YewovSKv
        -----END CERTIFICATE-----
        """,
        "localhost.crt": """
        -----BEGIN CERTIFICATE-----
        MIIBejCCASCgAwIBAgICEAQwCgYIKoZIzj0EAwIwGzEZMBcGA1UEAwwQT3V0Ym9h
        cmQgdGVzdCBjYTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFTET
        MBEGA1UEAwwKcmVkaXMudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABK50
        pkFhNHWSUdxpJJG4Q3tbuY3n+vfF1SqCm5bSMbhkNkeHSEUvH19Vw3DTbg1T4CZ9
        k7+GYcGABBd0bcxE/hSjWDBWMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAdBgNVHQ4E
        FgQUI0Aor9NB8uWhlHadig7sz+iRe6UwHwYDVR0jBBgwFoAURPuC9KZUuNGeVGVN
        IC62lyGBoDowCgYIKoZIzj0EAwIDSAAwRQIge5/gEhuXt1cQ5iyV834kEI4RbEUT
        nWsS4Dt5tSAzquYCIQD1pDeoKnd/cZLwAV7zomQOPMeXaYd9xd+S6wg0XXr2MQ==
        -----END CERTIFICATE-----
        """,
        "server.key": """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmo3nwfhZ3VeHUUM6
        7C2f7tes6PzSWDpsma6BEhVG49WhRANCAASudKZBYTR1klHcaSSRuEN7W7mN5/r3
        xdUqgpuW0jG4ZDZHh0hFLx9fVcNw024NU+AmfZO/hmHBgAQXdG3MRP4U
        -----END PRIVATE KEY-----
        """,
        "client.crt": """
        -----BEGIN CERTIFICATE-----
        MIIBdTCCARugAwIBAgICEAMwCgYIKoZIzj0EAwIwGzEZMBcGA1UEAwwQT3V0Ym9h
        cmQgdGVzdCBjYTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowETEP
        MA0GA1UEAwwGY2xpZW50MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEC0PNLKzq
        EQTMV8dNTwDKpwjh4xG4KW6E/CrJzIhSw6Y2X/70N2I6Tyl1+DD3GLZhzF0R3xCA
        402UXVPmZodw3KNXMFUwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0OBBYEFD/8
        aw7s73yzmKzyO1aKdoMUaD1kMB8GA1UdIwQYMBaAFET7gvSmVLjRnlRlTSAutpch
        gaA6MAoGCCqGSM49BAMCA0gAMEUCIQDZfE92KcNUzRphhwdTOw2PUraXrPPOrOvo
        RGYeBbZVVgIgPFk14YW18R9iY6FvFTl5CM9He9c3Sn7KjtaY+Wfvyyw=
        -----END CERTIFICATE-----
        """,
        "client.key": """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKlJnEq/EN2SOy3hg
        w9maGqLLPAyYofZI3Tjk2vZcmLWhRANCAAQLQ80srOoRBMxXx01PAMqnCOHjEbgp
        boT8KsnMiFLDpjZf/vQ3YjpPKXX4MPcYtmHMXRHfEIDjTZRdU+Zmh3Dc
        -----END PRIVATE KEY-----
        """,
    ]
}
