// The socket: opens, notices that it is dead, comes back with jitter, resumes.

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15000;
const PING_EVERY = 25000;
const PONG_WITHIN = 10000;

// Close codes after which trying again by itself would be in vain.
const FOR_GOOD = { 4401: "signedOut", 4403: "notAllowed", 4404: "noAgent" };

export class Connection {
  /**
   * @param {string} url
   * @param {{frame: Function, state: Function, opened: Function}} listener
   */
  constructor(url, listener) {
    this.url = url;
    this.listener = listener;
    this.pause = FIRST_PAUSE;
    this.socket = null;
    this.timers = { retry: 0, ping: 0, pong: 0, tick: 0 };
    this.closedForGood = false;
    addEventListener("online", () => this.retryNow());
    addEventListener("pagehide", () => this.close());
    // A page that comes back from the browser's cache has lost its socket.
    addEventListener("pageshow", (event) => {
      if (event.persisted) { this.closedForGood = false; this.retryNow(); }
    });
  }

  open() {
    clearInterval(this.timers.tick);
    clearTimeout(this.timers.retry);
    this.listener.state("connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.addEventListener("message", (event) => this.heard(socket, event.data));
    socket.addEventListener("close", (event) => this.gone(socket, event.code));
  }

  get isOpen() {
    return this.socket !== null && this.socket.readyState === WebSocket.OPEN;
  }

  send(frame) {
    if (!this.isOpen) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  close() {
    this.closedForGood = true;
    this.forgetTimers();
    if (this.socket) this.socket.close();
  }

  heard(socket, data) {
    if (socket !== this.socket) return;
    clearTimeout(this.timers.pong);
    clearTimeout(this.timers.ping);
    this.timers.ping = setTimeout(() => this.ping(), PING_EVERY);
    const frame = JSON.parse(data);
    if (frame.type === "info") {
      this.pause = FIRST_PAUSE;
      this.listener.state("open");
    }
    this.listener.frame(frame);
  }

  ping() {
    this.send({ type: "ping" });
    // A network that died without a word is only noticed by what does not come.
    this.timers.pong = setTimeout(() => this.gone(this.socket, 0), PONG_WITHIN);
  }

  gone(socket, code) {
    if (socket !== this.socket || socket === null) return;
    this.socket = null;
    socket.close();
    this.forgetTimers();
    if (this.closedForGood) return;
    if (code in FOR_GOOD) {
      this.closedForGood = true;
      this.listener.state("closed", { text: FOR_GOOD[code] });
      return;
    }
    if (code === 4429) this.listener.problem("tooMany");
    this.retryLater(code === 4429 ? Math.max(this.pause, 5000) : this.pause);
  }

  retryLater(pause) {
    const wait = pause * (0.5 + Math.random());
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    const due = Date.now() + wait;
    const tell = () => {
      const seconds = Math.max(0, Math.ceil((due - Date.now()) / 1000));
      this.listener.state("lost", { seconds });
    };
    tell();
    this.timers.tick = setInterval(tell, 1000);
    this.timers.retry = setTimeout(() => this.open(), wait);
  }

  retryNow() {
    if (this.socket === null && !this.closedForGood) this.open();
  }

  forgetTimers() {
    for (const name of ["retry", "ping", "pong"]) clearTimeout(this.timers[name]);
    clearInterval(this.timers.tick);
  }
}
