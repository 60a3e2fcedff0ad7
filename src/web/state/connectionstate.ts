/** The state of the connection to the server. */
export type ConnectionState =
  /** requests are answered */
  | 'ok'
  /** the server asks to come back later */
  | 'busy'
  /** the server accepts requests and answers none, not even a small one */
  | 'silent'
  /** the server cannot be reached */
  | 'unreachable'
  /** the device has no network */
  | 'offline'
