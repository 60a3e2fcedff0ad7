// The parts of Leaflet that the page uses: the map with its panes and events, and dragging. The
// package's own entry would add layers, controls and popups, half of the script.
// `leafletparts.d.ts` gives these modules their types. Leaflet is pinned to 1.9.4, because the map
// touches some private members.
import 'leaflet/src/layer/Layer.js'
import 'leaflet/src/map/handler/Map.Drag.js'

export { Map as LeafletMap } from 'leaflet/src/map/Map.js'
