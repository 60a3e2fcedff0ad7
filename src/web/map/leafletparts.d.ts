declare module 'leaflet/src/map/Map.js' {
  const LeafletMap: typeof import('leaflet').Map

  export { LeafletMap as Map }
}

declare module 'leaflet/src/map/handler/Map.Drag.js'
declare module 'leaflet/src/layer/Layer.js'
