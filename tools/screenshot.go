package tools

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/picture"
	"github.com/browseract/browseract-mcp/tools/problem"
)

const (
	maxScreenshot  = 10 << 20 // bytes, as it is fetched
	mostForPicture = 8 * time.Second
	// afterPicture is what a call keeps of its time for the answer itself.
	afterPicture = 300 * time.Millisecond
)

// addScreenshot adds the picture of the step that decided how the run stands. An
// answer without it is still the answer: what goes wrong is a warning.
func (t *toolset) addScreenshot(ctx context.Context, s *sighting, r *schemas.Task) {
	shot, why := t.screenshot(ctx, s)
	if why != "" {
		r.Warnings = append(r.Warnings, "There is no screenshot here. "+why+". The log page may show it.")
	}
	r.Screenshot = shot
}

// screenshot returns the picture, or why there is none: a sentence that lacks its
// full stop.
func (t *toolset) screenshot(ctx context.Context, s *sighting) (shot []byte, why string) {
	step, _ := s.decisiveStep()
	switch {
	case t.Lockdown:
		return nil, "It is " + withheld
	case step.ScreenshotURL == "":
		return nil, "BrowserAct tells of none for this step"
	}
	data, err := t.fetchPicture(ctx, step.ScreenshotURL)
	if err != nil {
		_, why = problem.Fetch(err)
		return nil, why
	}
	shot, err = t.fit(ctx, data)
	switch {
	case errors.Is(err, picture.ErrPixels):
		why = "It has more pixels than this server unpacks"
	case err != nil:
		why = "It is no picture that this server can read"
	}
	return shot, why
}

// fetchPicture takes no longer than the call has left.
func (t *toolset) fetchPicture(ctx context.Context, link string) ([]byte, error) {
	until := time.Now().Add(mostForPicture)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-afterPicture).Before(until) {
		until = deadline.Add(-afterPicture)
	}
	ctx, over := context.WithDeadline(ctx, until)
	defer over()
	ctx, cancel := t.calls.UntilClosing(ctx)
	defer cancel()
	body, err := t.Files.Open(ctx, link, maxScreenshot)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// fit lets one picture at a time take its memory.
func (t *toolset) fit(ctx context.Context, data []byte) ([]byte, error) {
	select {
	case t.drawing <- struct{}{}:
		defer func() { <-t.drawing }()
		return picture.Fit(data)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
