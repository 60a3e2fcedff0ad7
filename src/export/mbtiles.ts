// A pyramid as one SQLite database in the format MBTiles 1.3. Rows count from below.
// https://github.com/mapbox/mbtiles-spec/blob/master/1.3/spec.md
import { chmod, rm } from 'node:fs/promises'
import type { Database, Statement } from 'node-sqlite3-wasm'

const TABLES = `
  PRAGMA journal_mode = OFF;
  PRAGMA application_id = 0x4d504258;
  CREATE TABLE metadata (name TEXT, value TEXT);
  CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
`

export class MbtilesWriter {
  readonly #database: Database
  readonly #insert: Statement

  private constructor(database: Database) {
    this.#database = database
    this.#insert = database.prepare('INSERT INTO tiles VALUES (?, ?, ?, ?)')
  }

  /** Begins a file, replacing the remains of an interrupted process. */
  static async create(path: string, metadata: Record<string, string>): Promise<MbtilesWriter> {
    for (const left of [path, `${path}.lock`]) await rm(left, { recursive: true, force: true })
    // it compiles a megabyte of WebAssembly
    const { default: sqlite } = await import('node-sqlite3-wasm')
    const database = new sqlite.Database(path)
    // the new file is readable by its owner only
    await chmod(path, 0o666 & ~process.umask())
    database.exec(TABLES)
    for (const row of Object.entries(metadata)) database.run('INSERT INTO metadata VALUES (?, ?)', row)
    database.exec('BEGIN')
    return new MbtilesWriter(database)
  }

  add(z: number, x: number, y: number, bytes: Uint8Array): void {
    this.#insert.run([z, x, 2 ** z - 1 - y, bytes])
  }

  finish(): void {
    this.#database.exec('COMMIT; CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)')
  }

  close(): void {
    this.#insert.finalize()
    this.#database.close()
  }
}
