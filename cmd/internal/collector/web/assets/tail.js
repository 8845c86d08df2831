// The live tail: records as they come, from the server's events. It goes on where it
// was after a break, and rests while the page is hidden.
"use strict";

import { parse } from "./dom.js";

export class Tail {
  // receive gets {records, skipped} and the state of the connection is told to state:
  // "live" or "stopped".
  constructor({ url, receive, state }) {
    Object.assign(this, { url, receive, state });
    this.wanted = false;
    this.seen = 0;
    document.addEventListener("visibilitychange", () => this.wanted && (document.hidden ? this.pause() : this.connect()));
  }

  // open begins behind the record of an id.
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
      // The browser comes again by itself unless the server refused.
      if (source.readyState === EventSource.CLOSED) this.retry = setTimeout(() => this.connect(), 3000);
    });
  }
}
