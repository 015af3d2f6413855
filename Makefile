# make figures           every notebook is run: build/notebooks, and its figures in build/figures
# make figures-check     are they the published ones? see notebooks/figures
# make figures-publish   make them the published ones
# make gallery           a site of the notebooks: build/gallery/index.html
# make gonb              GoNB for the notebooks in notebooks/gonb; see .ci/gonb/install

# The order of the gallery: what to read first comes first.
FIRST     := quickstart schedulers
NOTEBOOKS := $(wildcard $(FIRST:%=notebooks/%.ipynb)) $(filter-out $(FIRST:%=notebooks/%.ipynb),$(sort $(wildcard notebooks/*.ipynb)))
RUN       := $(NOTEBOOKS:%=build/%)

# Published figures need nothing but the repository, also where other material is.
export VIDUR_SHARED := none

figures: $(RUN)

build/notebooks/%.ipynb: notebooks/%.ipynb build/vidur
	mkdir -p build/notebooks build/figures
	build/vidur nb run --figures build/figures -o $@ $<

.DELETE_ON_ERROR:

# go build knows what has changed; the file is as old as its content.
build/vidur: always
	go build -buildvcs=auto -o $@.new ./kernel/cmd/vidur
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# make figures honours a date of the build; the published PDF files have none.
figures-check figures-publish: export SOURCE_DATE_EPOCH :=

figures-check: figures
	build/vidur nb figures --check notebooks/figures build/figures

figures-publish: figures
	build/vidur nb figures --publish notebooks/figures build/figures

gallery: figures
	build/vidur nb gallery -o build/gallery $(RUN)

gonb:
	.ci/gonb/install

always:

.PHONY: figures figures-check figures-publish gallery gonb always
