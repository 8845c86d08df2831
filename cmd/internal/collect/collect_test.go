package collect

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	_ "github.com/aimakerspace/synlogger/internal/golden"
)

func TestAdvice(t *testing.T) {
	for _, tt := range []struct {
		title string
		cause error
		want  []string
	}{
		{"TTP Logs", syscall.EACCES, []string{"This user may not open the port", `--input "TTP Logs=HOST:PORT"`}},
		{"TTP Logs", syscall.EADDRINUSE, []string{"Another program uses the port", "--ports auto"}},
		{"TTP Logs", syscall.EINVAL, []string{"Choose another address with --bind or --input"}},
		{"page", syscall.EADDRNOTAVAIL, []string{"does not have the address 127.0.0.1", "with --page HOST:PORT"}},
	} {
		failed := &collector.ListenError{
			Title:   tt.title,
			Network: "tcp",
			Addr:    "127.0.0.1:80",
			Err:     os.NewSyscallError("bind", tt.cause),
		}
		err := withAdvice(failed)
		var as *collector.ListenError
		if !errors.As(err, &as) || !errors.Is(err, tt.cause) {
			t.Errorf("%v does not wrap %v", err, failed)
		}
		for _, want := range append(tt.want, failed.Error()) {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not contain %q: %v", want, err)
			}
		}
	}
}
