# two stages: the first compiles the native library, the server and the page; the second runs them
FROM node:24-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ make python3 \
 && rm -rf /var/lib/apt/lists/*
# the image has Node's headers, so compiling the addon downloads nothing
ENV npm_config_nodedir=/usr/local
WORKDIR /app
COPY . .
RUN npm ci && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 MALLOC_ARENA_MAX=2
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/native native
COPY --from=build /app/build/Release/fmandel.node build/Release/
COPY --from=build /app/dist dist
USER node
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["node", "dist/src/cli.js", "health"]
CMD ["node", "dist/src/cli.js", "serve"]
