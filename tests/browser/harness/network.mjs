// A slow network, made by a test's own server, as only one engine can make one itself.

import { setTimeout as pause } from "node:timers/promises";

const PIECE = 16 * 1024;

/** A network whose bandwidth all answers share. */
export class Network {
  /**
   * @param {number} rate bits per second
   * @param {number} latency milliseconds
   */
  constructor(rate, latency) {
    this.bytesPerMillisecond = rate / 8 / 1000;
    this.latency = latency;
    /** The time at which everything so far has been sent. */
    this.free = 0;
  }

  /**
   * Ends an answer.
   * @param {import("node:http").ServerResponse} response
   * @param {Uint8Array} body
   */
  async send(response, body) {
    await pause(this.latency);
    for (let at = 0; at < body.length && !response.destroyed; at += PIECE) {
      const piece = body.subarray(at, at + PIECE);
      this.free = Math.max(this.free, performance.now()) + piece.length / this.bytesPerMillisecond;
      await pause(this.free - performance.now());
      response.write(piece);
    }
    response.end();
  }
}
