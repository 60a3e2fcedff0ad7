declare module 'leaflet/src/map/Map.js' {
  const LeafletMap: typeof import('leaflet').Map

  export { LeafletMap as Map }
}

declare module 'leaflet/src/geometry/Transformation.js' {
  export const Transformation: typeof import('leaflet').Transformation
}

declare module 'leaflet/src/geo/crs/CRS.Simple.js' {
  export const Simple: import('leaflet').CRS
}

declare module 'leaflet/src/map/handler/Map.Drag.js'
declare module 'leaflet/src/layer/Layer.js'
