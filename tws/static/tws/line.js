// The socket that tells what has changed: opens, notices that it is dead, comes back with
// jitter. While nobody looks it is closed.

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;
const PING_EVERY = 25000;
const PONG_WITHIN = 10000;
// Not signed in, not allowed: trying again by itself would be in vain.
const FOR_GOOD = [4401, 4403];

export class Line {
  /**
   * @param {string} path
   * @param {{told: Function, changed: Function, lost: Function}} listener
   */
  constructor(path, listener) {
    this.url = new URL(path, location.href.replace(/^http/, "ws"));
    this.listener = listener;
    this.socket = null;
    this.wanted = false;
    this.isLive = false; // something has been heard on it
    this.hasFailed = false;
    this.pause = FIRST_PAUSE;
    this.retry = this.ping = this.pong = 0;
    addEventListener("online", () => this.comeBack());
  }

  open() {
    this.wanted = true;
    this.comeBack();
  }

  close() {
    this.wanted = false;
    this.drop();
  }

  /** Somebody cannot wait for the next look at the plan. */
  hurry() {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"type": "look"}');
  }

  comeBack() {
    clearTimeout(this.retry);
    if (!this.wanted || this.socket) return;
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.addEventListener("open", () => this.listen());
    socket.addEventListener("message", (event) => this.heard(socket, event.data));
    socket.addEventListener("close", (event) => this.gone(socket, event.code));
  }

  heard(socket, data) {
    if (socket !== this.socket) return;
    this.listen();
    const frame = JSON.parse(data);
    if (frame.type !== "parts") return;
    this.pause = FIRST_PAUSE;
    this.hasFailed = false;
    this.setLive(true);
    this.listener.told(frame.parts);
  }

  /** A network that died without a word is only noticed by what does not come. */
  listen() {
    clearTimeout(this.ping);
    clearTimeout(this.pong);
    const socket = this.socket;
    this.ping = setTimeout(() => {
      if (socket?.readyState === WebSocket.OPEN) socket.send('{"type": "ping"}');
      this.pong = setTimeout(() => this.gone(socket, 0), PONG_WITHIN);
    }, PING_EVERY);
  }

  gone(socket, code) {
    if (socket !== this.socket || !socket) return;
    this.drop();
    this.hasFailed = true;
    if (FOR_GOOD.includes(code)) {
      this.wanted = false;
    } else {
      this.retry = setTimeout(() => this.comeBack(), this.pause * (0.5 + Math.random() / 2));
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    }
    this.listener.lost({ refused: !this.wanted });
  }

  drop() {
    for (const timer of [this.retry, this.ping, this.pong]) clearTimeout(timer);
    const socket = this.socket;
    this.socket = null;
    this.setLive(false);
    socket?.close();
  }

  setLive(isLive) {
    const before = this.isLive;
    this.isLive = isLive;
    if (before !== isLive) this.listener.changed();
  }
}
