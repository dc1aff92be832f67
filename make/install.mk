##@ Install in bare Debians: as root, needs debootstrap and Debian's packages
journeys: ## type the commands of the docs in order, and compare; JOURNEY="photos script sdk server"
	@spec/install/journeys $(JOURNEY)

fresh-root: ## make demo, the README's rocks, and gone again
	@spec/install/fresh_root

packed: ## rocks that are packed in one Debian, installed in another one without a compiler
	@spec/install/packed

released: ## make a release, install it without a network, luarocks test, remove it
	@spec/install/released

i386: ## build for 32 bits, and run specs of numbers, files, images and money; SPECS="file ..."
	@spec/install/i386 $(SPECS)

.PHONY: journeys fresh-root packed released i386
