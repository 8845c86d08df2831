package encode

import "log/slog"

// severityOf returns the syslog severity (RFC 5424, 0 to 7) of a level and its
// name on the wire. A level between two constants of [log/slog] has the severity
// of the lower one, except that 2 and 3 are notices.
func severityOf(level slog.Level) (severity int, name string) {
	switch {
	case level >= 12:
		return 2, "CRITICAL"
	case level >= slog.LevelError:
		return 3, "ERROR"
	case level >= slog.LevelWarn:
		return 4, "WARNING"
	case level >= 2:
		return 5, "NOTICE"
	case level >= slog.LevelInfo:
		return 6, "INFO"
	default:
		return 7, "DEBUG"
	}
}

// levelNumber returns a level on the scale of Python's logging module: Debug is
// 10, Info 20, Warn 30, Error 40, Critical 50. The result is at least 0.
func levelNumber(level slog.Level) int {
	const lowest, highest = -8, 1 << 30 // the number of lowest is 0; above highest the product could overflow
	return 20 + 10*int(min(max(level, lowest), highest))/4
}
