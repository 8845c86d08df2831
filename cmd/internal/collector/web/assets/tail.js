// The live tail: records as server-sent events. After an interruption it continues
// where it was. It pauses while the page is hidden.
"use strict";

import { parse } from "./dom.js";

export class Tail {
  // receive is called with {records, skipped}, and state with the state of the
  // connection: "live" or "stopped".
  constructor({ url, receive, state }) {
    Object.assign(this, { url, receive, state });
    this.wanted = false;
    this.seen = 0;
    document.addEventListener("visibilitychange", () => this.wanted &&
      (document.hidden ? this.pause() : this.connect()));
  }

  // open starts after the record with an id.
  open(after) {
    this.close();
    this.wanted = true;
    this.seen = after;
    if (!document.hidden) this.connect();
  }

  close() {
    this.wanted = false;
    this.pause();
  }

  pause() {
    clearTimeout(this.retry);
    this.source?.close();
    this.source = null;
  }

  connect() {
    this.pause();
    const source = this.source = new EventSource(this.url(this.seen));
    source.addEventListener("open", () => this.state("live"));
    source.addEventListener("records", (e) => {
      const event = parse(e.data);
      const after = this.seen;
      this.seen = Number(e.lastEventId) || this.seen;
      this.receive(event, after);
    });
    source.addEventListener("error", () => {
      if (source !== this.source) return;
      this.state("stopped");
      // The browser reconnects by itself unless the server rejected
      // the request.
      if (source.readyState === EventSource.CLOSED) this.retry = setTimeout(() => this.connect(), 3000);
    });
  }
}
