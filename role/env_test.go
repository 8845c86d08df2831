package role

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/delivery"
)

// TestConfigFromEnv checks what each variable sets.
func TestConfigFromEnv(t *testing.T) {
	if cfg, err := ConfigFromEnv(); err != nil || !cmp.Equal(cfg, Config{}) {
		t.Errorf("without variables: %+v, %v", cfg, err)
	}
	for name, value := range map[string]string{
		"SYNLOGGER_SERVER":          " graylog.example ",
		"SYNLOGGER_NAME":            "hospital-1",
		"SYNLOGGER_HOST":            "node-a",
		"SYNLOGGER_FILE_PATH":       "/srv/run",
		"SYNLOGGER_LEVEL":           "Debug",
		"SYNLOGGER_VARIANT":         "BASIC",
		"SYNLOGGER_DEBUG":           "1",
		"SYNLOGGER_CENSOR":          "password, *_token,=Pin,,",
		"SYNLOGGER_CENSOR_VALUES":   "Bearer, iban,",
		"SYNLOGGER_QUEUE_BYTES":     "1000",
		"SYNLOGGER_OVERFLOW":        "Oldest",
		"SYNLOGGER_REDELIVER_BYTES": "500",
		"SYNLOGGER_SPOOL_DIR":       "/var/spool/log",
		"SYNLOGGER_CA_FILE":         "/etc/ca.pem",
		"SYNLOGGER_CERT_FILE":       "/etc/party.pem",
		"SYNLOGGER_KEY_FILE":        "/etc/party.key",
		"SYNLOGGER_SERVER_NAME":     "logs.example",
	} {
		t.Setenv(name, value)
	}
	want := Config{
		Server:       "graylog.example",
		Name:         "hospital-1",
		Host:         "node-a",
		FilePath:     "/srv/run",
		Level:        slog.LevelDebug,
		Variant:      VariantBasic,
		Debug:        true,
		Censor:       []string{"password", "*_token", "=Pin"},
		CensorValues: []censor.Pattern{censor.Bearer, censor.IBAN},
		Delivery: delivery.Config{
			QueueBytes:     1000,
			Overflow:       delivery.OverflowDropOldest,
			RedeliverBytes: 500,
			SpoolDir:       "/var/spool/log",
			TLS: delivery.TLS{
				CAFile:     "/etc/ca.pem",
				CertFile:   "/etc/party.pem",
				KeyFile:    "/etc/party.key",
				ServerName: "logs.example",
			},
		},
	}
	cfg, err := ConfigFromEnv()
	if diff := cmp.Diff(want, cfg); diff != "" || err != nil {
		t.Errorf("%v, the configuration (-want +got):\n%s", err, diff)
	}
	for text, level := range map[string]slog.Level{
		"debug":    -4,
		"INFO":     0,
		"warn":     4,
		"warning":  4,
		"Error":    8,
		"critical": 12,
		"info+2":   2,
		"DEBUG-4":  -8,
	} {
		t.Setenv("SYNLOGGER_LEVEL", text)
		if cfg, err := ConfigFromEnv(); err != nil || cfg.Level.Level() != level {
			t.Errorf("level %s is %v, %v", text, cfg.Level, err)
		}
	}
	for text, overflow := range map[string]delivery.Overflow{
		"newest": delivery.OverflowDropNewest,
		"oldest": delivery.OverflowDropOldest,
		"BLOCK":  delivery.OverflowBlock,
		"spool":  delivery.OverflowSpool,
	} {
		t.Setenv("SYNLOGGER_OVERFLOW", text)
		if cfg, err := ConfigFromEnv(); err != nil || cfg.Delivery.Overflow != overflow {
			t.Errorf("overflow %s is %v, %v", text, cfg.Delivery.Overflow, err)
		}
	}
	for name, value := range map[string]string{
		"SYNLOGGER_LEVEL":           "loud",
		"SYNLOGGER_VARIANT":         "syslog",
		"SYNLOGGER_DEBUG":           "perhaps",
		"SYNLOGGER_QUEUE_BYTES":     "8 MB",
		"SYNLOGGER_OVERFLOW":        "drop",
		"SYNLOGGER_REDELIVER_BYTES": "-1",
		"SYNLOGGER_CENSOR_VALUES":   "mail,email",
	} {
		t.Setenv(name, value)
	}
	cfg, err = ConfigFromEnv()
	for _, part := range []string{
		`SYNLOGGER_LEVEL="loud": use debug, info, warn, error or critical`,
		`SYNLOGGER_VARIANT="syslog": use graylog, basic or test`,
		`SYNLOGGER_DEBUG="perhaps": use true or false`,
		`SYNLOGGER_QUEUE_BYTES="8 MB": use a positive size in bytes, or with a unit: 64KiB, 8MiB, 1GiB`,
		`SYNLOGGER_OVERFLOW="drop": use newest, oldest, block or spool`,
		`SYNLOGGER_REDELIVER_BYTES="-1": use a positive size`,
		`SYNLOGGER_CENSOR_VALUES="mail,email": unknown value pattern "mail": ` +
			`use bearer, basic, jwt, url, email, iban, card`,
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not contain %s:\n%v", part, err)
		}
	}
	if cfg.Level != nil || cfg.Variant != "" || cfg.Server != "graylog.example" ||
		!cmp.Equal(cfg.CensorValues, []censor.Pattern{censor.Email}) {
		t.Errorf("with invalid variables: %+v", cfg)
	}
}
