/**
 * PeerCount: how many peers a socket can send to, told from its monitor's events alone.
 *
 * An event names no connection, so whose end a `disconnect` is has to be concluded. Strangers whose
 * handshake fails, or whose socket type does not fit, are connected for an instant; so a disconnect
 * while a handshake is under way is taken for that one's. Where this is wrong, a peer left while a mute
 * stranger was connected, and the stranger's own end or handshake puts the count right. The count may
 * thus be too high for as long as a stranger stays mute (`handshakeMs`), and never stays wrong.
 */
export class PeerCount {
  #peers = 0;
  #shaking = 0; // Connections whose handshake is under way.

  /** How many peers have shaken hands and not left. */
  get count(): number {
    return this.#peers;
  }

  /** Takes the name of the next event into account. */
  hear(event: string): void {
    if (event === 'accept' || event === 'connect') this.#shaking += 1;
    else if (event === 'handshake') this.#completeHandshake();
    else if (event === 'disconnect') this.#disconnect();
  }

  #completeHandshake(): void {
    // None under way: the disconnect counted for this one was a peer's, whose place it now takes.
    if (this.#shaking === 0) return;
    this.#shaking -= 1;
    this.#peers += 1;
  }

  #disconnect(): void {
    if (this.#shaking > 0) this.#shaking -= 1;
    else if (this.#peers > 0) this.#peers -= 1; // A peer's, now or when it was mistaken before.
  }
}
