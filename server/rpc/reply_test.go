package rpc_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/server/rpc"
)

func TestAfterReplyNeedsATransport(t *testing.T) {
	t.Parallel()
	if rpc.AfterReply(t.Context(), func(bool) { t.Error("the callback ran") }) {
		t.Error("got true without a request")
	}
	rpc.Discard(t.Context())
}

func TestEachCallbackRunsOnceWithTheFirstOutcome(t *testing.T) {
	t.Parallel()
	for _, delivered := range []bool{true, false} {
		var replies rpc.Replies
		ctx, reply := replies.Begin(t.Context())
		var got []bool
		record := func(delivered bool) { got = append(got, delivered) }
		for range 2 {
			if !rpc.AfterReply(ctx, record) {
				t.Error("got false for a request")
			}
		}
		reply.Finish(delivered)
		reply.Finish(!delivered)
		rpc.Discard(ctx)
		rpc.AfterReply(ctx, record) // the outcome is known
		replies.Close(t.Context())
		if len(got) != 3 || got[0] != delivered || got[1] != delivered || got[2] != delivered {
			t.Errorf("got %v, want three times %v", got, delivered)
		}
	}
}

func TestCloseFinishesWhatIsPendingAndWaitsForCallbacks(t *testing.T) {
	t.Parallel()
	for _, callback := range []time.Duration{500 * time.Millisecond, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var replies rpc.Replies
			ctx, _ := replies.Begin(t.Context())
			done, end := context.WithCancel(t.Context())
			got := make(chan bool, 1)
			rpc.AfterReply(ctx, func(delivered bool) {
				got <- delivered
				select {
				case <-time.After(callback):
				case <-done.Done():
				}
			})
			start := time.Now()
			replies.Close(t.Context())
			if took, want := time.Since(start), min(callback, time.Second); took != want || <-got {
				t.Errorf("closed after %v, want %v and false", took, want)
			}
			end()
		})
	}
}
