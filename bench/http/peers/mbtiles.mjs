// Writes an MBTiles file with one tile, using the SQLite of tileserver-gl-light.
//   node mbtiles.mjs modules picture z x y file
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const [modules, picture, z, x, y, file] = process.argv.slice(2)
const sqlite3 = createRequire(`${modules}/`)('sqlite3')
const database = new sqlite3.Database(file)
const metadata = { name: 'one', format: 'png', minzoom: z, maxzoom: z, bounds: '-180,-85,180,85', type: 'baselayer' }
database.serialize(() => {
  database.run('CREATE TABLE metadata (name TEXT, value TEXT)')
  database.run('CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)')
  for (const entry of Object.entries(metadata)) database.run('INSERT INTO metadata VALUES (?, ?)', entry)
  // MBTiles counts rows from the south
  const row = 2 ** Number(z) - 1 - Number(y)
  database.run('INSERT INTO tiles VALUES (?, ?, ?, ?)', [Number(z), Number(x), row, readFileSync(picture)])
})
database.close()
