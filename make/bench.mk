##@ Benchmarks; BENCH_ARGS="..." passes options
BENCH = $(addprefix $(BUILD)/bench/,poll_server poll_floor upload_floor inspect_floor)

$(BUILD)/bench/%: bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) -o $@ $< $(LDFLAGS) $(BENCH_LIBS)
$(BUILD)/bench/poll_floor: BENCH_LIBS = -lcurl
$(BUILD)/bench/upload_floor: BENCH_LIBS = -lssl -lcrypto -lpthread

RESAMPLER = $(addprefix $(BUILD)/csrc/,base/error.o base/text.o base/cpu.o $(addprefix image/resample/,resample.o \
              filter.o vertical_weights.o weights_cache.o linear.o kernels.o)) \
            $(patsubst %.c,$(BUILD)/%.o,$(wildcard csrc/image/resample/kernels_*.c))
$(BUILD)/bench/resample: $(RESAMPLER)
$(BUILD)/bench/resample: BENCH_LIBS = $(RESAMPLER) -lm -lpthread
$(BUILD)/bench/quality: BENCH_LIBS = -ljpeg -lpng -lm
IMAGES = $(filter $(BUILD)/csrc/image/% $(BUILD)/csrc/base/%,$(CORE_OBJ))
$(BUILD)/bench/jpeg_stages: $(IMAGES)
$(BUILD)/bench/jpeg_stages: BENCH_LIBS = $(IMAGES) -ljpeg -lpng -lwebp -llcms2 -lz -lm -lpthread

bench-poll: ## 10,000 waiting tasks against a bare libcurl loop
bench-idle: ## the cost of waiting for one training, per hour
bench-upload: ## 500 uploads against a bare TLS loop and curl
bench-loops: ## 1,000 waits inside luv, cqueues and Copas
bench-inspect: ## the check of a 1 GB model against reading it
bench-growth: ## how CPU time grows with photos, polls, jobs and reports
bench-server: ## 1,000 queued trainings of a server against the emulator
bench-poll bench-idle bench-upload bench-loops bench-inspect bench-growth bench-server: needs-bench
	@$(MAKE) -s all $(BENCH)
	@$(DEV_ENV) lua5.4 bench/$(@:bench-%=%).lua $(BENCH_ARGS)

bench-playground: needs-test ## the playground in Chromium: thumbnails, first paint, memory
	@$(MAKE) -s all
	@$(SPEC_ENV) lua5.4 bench/playground.lua $(BENCH_ARGS)

bench-report: needs-bench ## the report of 10,000 jobs: written, and in Chromium
	@$(MAKE) -s all
	@$(SPEC_ENV) BUILD=$(BUILD) lua5.4 bench/report.lua $(BENCH_ARGS)

bench-require: needs-bench ## the cost of require "novita"
	@$(MAKE) -s all
	@$(DEV_ENV) lua5.4 bench/require.lua $(BENCH_ARGS)

bench-cli: needs-bench ## how long the command line takes to start
	@$(MAKE) -s all
	@$(DEV_ENV) lua5.4 bench/cli.lua $(BENCH_ARGS)

# The peers of these come from npm and Debian.
bench-resample: ## resampling against libvips and Pillow
bench-prepare: ## photo preparation against sharp
bench-quality: ## prepared images against an exact Lanczos3
bench-resample bench-prepare bench-quality: needs-bench-peers
	@$(MAKE) -s all $(addprefix $(BUILD)/bench/,resample quality jpeg_stages peers/resample_vips)
	@$(DEV_ENV) lua5.4 bench/$(@:bench-%=%).lua $(BENCH_ARGS)

bench-peers: needs-bench ## resampling against fast_image_resize, pic-scale and Pillow-SIMD
	@$(MAKE) -s all $(BUILD)/bench/resample
	@$(DEV_ENV) lua5.4 bench/peers.lua $(BENCH_ARGS)

bench-faces: needs-bench ## finding faces against OpenCV; FACES=DIR with faces.csv
	@$(MAKE) -s all
	@$(DEV_ENV) FACES='$(FACES)' lua5.4 bench/faces.lua $(BENCH_ARGS)

record-faces: needs-bench-peers ## record what the npm package finds, for the spec of the faces
	@$(MAKE) -s all
	@$(SPEC_ENV) lua5.4 bench/record_faces.lua $(BENCH_ARGS)

bench-batch: needs-bench-peers ## a whole batch against sharp and axios in Node
	@$(MAKE) -s all
	@$(DEV_ENV) lua5.4 bench/batch.lua $(or $(BENCH_ARGS),200)

bench-fleet: needs-bench-peers ## runners over PostgreSQL, and pg-boss under the same faults
	@$(MAKE) -s all
	@$(SPEC_ENV) lua5.4 bench/fleet.lua $(BENCH_ARGS)

.PHONY: bench-fleet bench-playground bench-cli bench-growth bench-poll bench-upload bench-require bench-loops
.PHONY: bench-idle bench-inspect bench-report
.PHONY: bench-resample bench-peers bench-prepare bench-quality bench-batch bench-faces record-faces
