package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strconv"
	"time"

	"github.com/lmittmann/tint"
)

// logFlags say what is logged, and how. Logs go to stderr; stdout belongs to the
// protocol.
type logFlags struct {
	LogLevel  string `enum:"debug,info,warn,error" default:"info" help:"How much is logged: debug, info, warn or error."`
	LogFormat string `enum:"text,json" default:"text" help:"Log as text or json."`
}

func (f logFlags) logger(getenv func(string) string, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.LogLevel)); err != nil {
		return nil, fmt.Errorf("log level: %w", err)
	}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: redact})), nil
	}
	return slog.New(tint.NewTextHandler(w, &tint.Options{
		Level:       level,
		TimeFormat:  time.TimeOnly,
		NoColor:     getenv("NO_COLOR") != "" || !isTerminal(w),
		ReplaceAttr: oneLine,
	})), nil
}

// isTerminal reports whether w is a terminal; tint looks at neither that nor
// NO_COLOR.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// oneLine is redact for tint, which prints a message as it is: a line break in it
// would forge a line of the log.
func oneLine(groups []string, a slog.Attr) slog.Attr {
	a = redact(groups, a)
	if a.Key == slog.MessageKey && len(groups) == 0 {
		if quoted := strconv.Quote(a.Value.String()); quoted != `"`+a.Value.String()+`"` {
			a.Value = slog.StringValue(quoted)
		}
	}
	return a
}

// secret finds what must not reach a log, whoever put it there: keys,
// authorization values, and the signatures of pre-signed links.
var secret = regexp.MustCompile(`(?i)\bapp-[a-z0-9_-]{6,}|\bbearer\s+\S+|([?&][^=&\s]*(?:sign|token|key|credential|secret)[^=&\s]*=)[^&\s"]+`)

func redact(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(redactText(a.Value.String()))
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(redactText(err.Error()))
		}
	}
	return a
}

func redactText(s string) string { return secret.ReplaceAllString(s, "${1}[redacted]") }
