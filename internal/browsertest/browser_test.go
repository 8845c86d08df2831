package browsertest

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	_ "github.com/aimakerspace/synlogger/internal/golden"
)

func TestStart(t *testing.T) {
	ctx := Start(t, 640, 480)
	sum, err := chromedp.Run(ctx, chromedp.Evaluate[int](`1 + 2`))
	if err != nil || sum != 3 {
		t.Errorf("1 + 2 is %d, %v", sum, err)
	}
	file := filepath.Join(t.TempDir(), "new", "picture.png")
	Picture(t, ctx, file)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := png.DecodeConfig(bytes.NewReader(data)); err != nil || c.Width != 640 || c.Height != 480 {
		t.Errorf("the picture is %d×%d, %v", c.Width, c.Height, err)
	}
}
